// The kinds of inputs, and how much of all each of them is.
import type fc from 'fast-check'
import type { Document } from '../../../src/http/openapi/document.ts'
import type { Ask } from '../ask.ts'
import { adminAsks } from './admin.ts'
import { byteAsks } from './bytes.ts'
import { largeAsks } from './large.ts'
import { cursorAsks, filterAsks, queryAsks, searchAsks } from './searches.ts'
import { workosAsks } from './workos.ts'
import { bulkAsks, patchAsks, pathAsks, resourceAsks } from './writes.ts'

export interface Kind {
  readonly name: string
  /** of how many inputs one is of this kind, compared with the others */
  readonly weight: number
  readonly asks: fc.Arbitrary<Ask>
}

export const kindsOf = (document: Document): readonly Kind[] => [
  { name: 'large', weight: 1, asks: largeAsks },
  { name: 'filters', weight: 12, asks: filterAsks },
  { name: 'queries', weight: 8, asks: queryAsks },
  { name: 'searches', weight: 4, asks: searchAsks },
  { name: 'cursors', weight: 4, asks: cursorAsks },
  { name: 'paths of patches', weight: 8, asks: pathAsks },
  { name: 'patches', weight: 8, asks: patchAsks },
  { name: 'resources', weight: 8, asks: resourceAsks },
  { name: 'bulks', weight: 4, asks: bulkAsks },
  { name: 'admin API', weight: 16, asks: adminAsks(document) },
  { name: 'WorkOS', weight: 8, asks: workosAsks },
  { name: 'bytes', weight: 8, asks: byteAsks },
]
