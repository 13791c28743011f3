// meta.version from a row's counter, and the conditions on it (RFC 7644 section 3.14, RFC 9110 section 13).
import { versionMismatch } from './errors.ts'

/** A weak entity tag: the same version may be written with its keys in another order. */
export const versionTag = (version: number): string => `W/"${version}"`

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
