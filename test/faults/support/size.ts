// How much a run does: `npm run test:faults` all of it, with ROLLCALL_FAULTS=short a little of what matters most.

export const isShort = process.env.ROLLCALL_FAULTS === 'short'

/** A number of the long form and of the short one. */
export const sized = (long: number, short: number): number => (isShort ? short : long)
