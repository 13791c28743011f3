// What a suite or client that we did not write is to `npm run conformance`: how it is installed and run, how its
// output reads, and our answer to each finding that is not a pass.

/** A program with arguments, run in the suite's own folder with BASE_URL and TOKEN in its environment. */
export type Command = readonly [program: string, ...args: string[]]

/** Where the service speaks SCIM, and a directory's token. */
export interface Target {
  readonly baseUrl: string
  readonly token: string
}

export interface Check {
  /** the same in each run: answers are found by it */
  readonly name: string
  /** other: skipped, or a warning */
  readonly status: 'passed' | 'failed' | 'other'
  readonly detail: string
}

export interface Suite {
  readonly name: string
  /** the package that is installed, with its version */
  readonly package: string
  readonly about: string
  /** programs without which the suite is not run: no fault of ours */
  readonly runtime: readonly string[]
  /** files of conformance/drivers/ that are put into the suite's folder */
  readonly files: readonly string[]
  readonly install: readonly Command[]
  readonly run: (target: Target) => Command
  /** Throws where the output is not a result. */
  readonly parse: (output: string) => Check[]
  /** by the name of the check */
  readonly answers: Readonly<Record<string, string>>
}
