// meta.version from a row's counter, and the conditions on it (RFC 7644 section 3.14, RFC 9110 section 13).
import { versionMismatch } from './errors.ts'

/** A weak entity tag: the same version may be written with its keys in another order. */
export const versionTag = (version: number): string => `W/"${version}"`

/** The version that a tag, written as we write it, stands for; null where no version has it. */
export function parseVersionTag(tag: string): number | null {
  const version = Number(/^W\/"(0|[1-9]\d{0,9})"$/.exec(tag)?.[1] ?? Number.NaN)
  return version <= MAX_VERSION ? version : null
}

/** The largest number that the counter holds. */
const MAX_VERSION = 2 ** 31 - 1

/** Whether a header such as `W/"1", "2"` or `*` names this version; tags compare weakly. */
export function isTagged(header: string, version: number): boolean {
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(`"${version}"`)
}

/** Throws 412 where If-Match is given and names another version. */
export function requireVersion(version: number, ifMatch: string | undefined): void {
  if (ifMatch === undefined || isTagged(ifMatch, version)) return
  throw versionMismatch(`The resource is at version ${versionTag(version)}, not at the one in If-Match.`)
}
