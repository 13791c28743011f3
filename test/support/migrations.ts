// What a migration takes away from processes of the version before it, which still run while it is applied.

const destructive: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['drops a table', /\bDROP\s+TABLE\b/i],
  ['drops a column', /\bDROP\s+COLUMN\b/i],
  ['renames', /\bRENAME\b/i],
  ['changes a type', /\bALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE\b/i],
  ['makes a column required', /\bSET\s+NOT\s+NULL\b/i],
  ['adds a column that old writes leave empty', /\bADD\s+COLUMN\b(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/i],
]

/** In words; nothing for one that only adds. */
export function whatItTakesAway(sql: string): string[] {
  const statements = sql.replace(/--.*$/gm, '')
  return destructive.filter(([, pattern]) => pattern.test(statements)).map(([what]) => what)
}
