// The order of a bulk for every graph of references (RFC 7644 sections 3.7.1 and 3.7.2).
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBulk } from '../../src/scim/bulk.ts'
import { planBulk, type Unit } from '../../src/scim/bulk-order.ts'
import { bulkBody, silent } from '../support/protocol.ts'

/** For each operation, those that it refers to. */
type Graph = readonly (readonly number[])[]

const graphs: fc.Arbitrary<Graph> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
  )

/** Groups whose members are the groups of other operations. */
function unitsOf(graph: Graph): Unit[] {
  const operations = graph.map((targets, i) => ({
    method: 'POST',
    path: '/Groups',
    bulkId: `${i}`,
    data: { displayName: `${i}`, members: targets.map((target) => ({ value: `bulkId:${target}` })) },
  }))
  return planBulk(parseBulk(bulkBody(operations), silent).operations)
}

/** Whether one operation leads to another, by the plainest search. */
function leadsTo(graph: Graph, from: number, to: number, seen = new Set<number>()): boolean {
  return (graph[from] ?? []).some((target) => {
    if (target === to) return true
    if (seen.has(target)) return false
    seen.add(target)
    return leadsTo(graph, target, to, seen)
  })
}

const law = (title: string, holds: (graph: Graph, units: Unit[]) => void) =>
  test(`RFC 7644 3.7.1 for every graph ${title}`, () => {
    fc.assert(
      fc.property(graphs, (graph) => holds(graph, unitsOf(graph))),
      { numRuns: 3000 },
    )
  })

law('each operation runs once', (graph, units) => {
  expect(units.flat().sort((a, b) => a - b)).toEqual([...graph.keys()])
})

law('what an operation refers to has run before it, or is in a circle with it', (graph, units) => {
  const ran = new Set<number>()
  for (const unit of units) {
    for (const index of unit) {
      const left = (graph[index] ?? []).filter((target) => !ran.has(target))
      expect(unit).toEqual(expect.arrayContaining(left))
    }
    for (const index of unit) ran.add(index)
  }
})

law('a unit of several is a circle, and no circle is parted', (graph, units) => {
  const unitOf = new Map(units.flatMap((unit) => unit.map((index) => [index, unit] as const)))
  for (const a of graph.keys()) {
    for (const b of graph.keys()) {
      if (a === b) continue
      const isCircle = leadsTo(graph, a, b) && leadsTo(graph, b, a)
      expect(unitOf.get(a) === unitOf.get(b)).toBe(isCircle)
    }
  }
})

law('nothing overtakes but what an earlier one needs or waits behind', (graph, units) => {
  const position = new Map(units.flat().map((index, at) => [index, at]))
  for (const a of graph.keys()) {
    for (let b = 0; b < a; b += 1) {
      if ((position.get(a) ?? 0) > (position.get(b) ?? 0)) continue
      // a, written later, ran first: then b needs something that was written after b
      const needed = [...graph.keys()].filter((other) => other > b && leadsTo(graph, b, other))
      expect(needed).not.toEqual([])
    }
  }
})

test('RFC 7644 3.7.1 a thousand operations in one chain, written backwards', () => {
  const graph = Array.from({ length: 1000 }, (_, i) => (i === 999 ? [] : [i + 1]))
  expect(unitsOf(graph).flat()).toEqual([...graph.keys()].reverse())
  const circle = Array.from({ length: 1000 }, (_, i) => [(i + 1) % 1000])
  expect(unitsOf(circle)).toEqual([[...circle.keys()]])
})
