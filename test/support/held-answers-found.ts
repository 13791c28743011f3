// What was found while a test file runs: how many answers were held to the document, and what was wrong with them.

let faults: string[] = []
let held = 0

export const heldAnswers = {
  note(fault: string | null): void {
    held += 1
    if (fault !== null) faults.push(fault)
  },
  /** how many were looked at */
  count: (): number => held,
  /** what was wrong since the last time */
  takeFaults(): string[] {
    const found = faults
    faults = []
    return found
  },
}
