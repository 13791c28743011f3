// Secrets from files: what `NAME_FILE` names holds the value of `NAME`, as orchestrators mount secrets. A file says no
// more than a variable would, and does not stand in the environment, which crash reports and inspections show.

/** The variables that are, or hold, secrets. */
export const secretVariables = ['DATABASE_URL', 'ROLLCALL_ENCRYPTION_KEYS', 'ROLLCALL_METRICS_TOKEN'] as const

export interface SecretFiles {
  /** by the name of the variable */
  readonly values: ReadonlyMap<string, string>
  /** sentences that begin with the name of a variable */
  readonly faults: readonly string[]
}

/** Reads the files that are named; never repeats what is in one. */
export function readSecretFiles(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): SecretFiles {
  const values = new Map<string, string>()
  const faults: string[] = []
  for (const name of secretVariables) {
    const path = env[`${name}_FILE`]?.trim() ?? ''
    if (path === '') continue
    if ((env[name]?.trim() ?? '') !== '') {
      faults.push(`${name}_FILE is set, and so is ${name}: leave one of them out`)
      continue
    }
    try {
      const value = readFile(path).trim()
      if (value === '') faults.push(`${name}_FILE names a file with nothing in it`)
      else values.set(name, value)
    } catch (error) {
      faults.push(`${name}_FILE names a file that cannot be read: ${codeOf(error)}`)
    }
  }
  return { values, faults }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'it is no text'
