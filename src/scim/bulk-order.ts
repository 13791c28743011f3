// The order in which the operations of a bulk run (RFC 7644 section 3.7.1): as the client wrote them, save that an
// operation waits for those that create what it refers to. Operations that refer to each other in a circle are one unit.
import type { BulkOperation } from './bulk.ts'
import { referencesOf } from './bulk-references.ts'

/** Indexes of operations, ascending: one alone, or several that refer to each other in a circle. */
export type Unit = readonly number[]

/** The operation that creates what a bulkId stands for. */
export function creatorsOf(operations: readonly BulkOperation[]): ReadonlyMap<string, number> {
  return new Map(
    operations.flatMap(({ method, bulkId }, i) =>
      method === 'POST' && bulkId !== null ? [[bulkId, i] as const] : [],
    ),
  )
}

/** Every operation in one unit, each unit after those that it refers to. */
export function planBulk(operations: readonly BulkOperation[]): Unit[] {
  const creators = creatorsOf(operations)
  const targets = operations.map((operation) =>
    [...referencesOf(operation)].flatMap((bulkId) => creators.get(bulkId) ?? []),
  )
  return inOrder(circlesOf(targets), targets)
}

/** Of the units that wait for nothing more, always the one that the client wrote first; a circle is where it ends. */
function inOrder(units: readonly Unit[], targets: readonly (readonly number[])[]): Unit[] {
  const unitOf = new Map(units.flatMap((unit) => unit.map((index) => [index, unit] as const)))
  const awaited = new Map(units.map((unit) => [unit, new Set<Unit>()]))
  const waiting = new Map(units.map((unit) => [unit, new Set<Unit>()]))
  for (const [index, unit] of unitOf) {
    for (const target of targets[index] ?? []) {
      const needed = unitOf.get(target)
      if (needed === undefined || needed === unit) continue
      awaited.get(unit)?.add(needed)
      waiting.get(needed)?.add(unit)
    }
  }
  const ordered: Unit[] = []
  const ready = new Set(units.filter((unit) => awaited.get(unit)?.size === 0))
  while (ready.size > 0) {
    const next = [...ready].reduce((first, unit) => (endOf(unit) < endOf(first) ? unit : first))
    ready.delete(next)
    ordered.push(next)
    for (const unit of waiting.get(next) ?? []) {
      const left = awaited.get(unit)
      left?.delete(next)
      if (left?.size === 0) ready.add(unit)
    }
  }
  return ordered
}

const endOf = (unit: Unit): number => unit.at(-1) ?? 0

/** The strongly connected components of the references, by Tarjan's algorithm. */
function circlesOf(targets: readonly (readonly number[])[]): Unit[] {
  const circles: Unit[] = []
  const found = new Map<number, number>()
  const open: number[] = []
  const isOpen = new Set<number>()

  /** The earliest found operation that this one leads back to. */
  const visit = (index: number): number => {
    const own = found.size
    found.set(index, own)
    open.push(index)
    isOpen.add(index)
    let lowest = own
    for (const target of targets[index] ?? []) {
      const known = found.get(target)
      if (known === undefined) lowest = Math.min(lowest, visit(target))
      else if (isOpen.has(target)) lowest = Math.min(lowest, known)
    }
    if (lowest === own) {
      const circle = open.splice(open.indexOf(index))
      for (const member of circle) isOpen.delete(member)
      circles.push(circle.sort((a, b) => a - b))
    }
    return lowest
  }
  for (const index of targets.keys()) if (!found.has(index)) visit(index)
  return circles
}
