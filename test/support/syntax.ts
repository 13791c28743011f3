// The source of the service as syntax trees: what a test looks for in code and must not find in comments and texts.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseAst } from 'vitest/node'

const root = resolve(import.meta.dirname, '../../src')

/** Any node of a tree, as its own names tell it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [name: string]: unknown
}

export interface Tree {
  /** from src, e.g. `scim/filter.ts` */
  readonly name: string
  readonly text: string
  readonly nodes: readonly Node[]
}

/** All files that we wrote. */
export const trees = (): Tree[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/generated/'))
    .map((path) => treeOf(relative(root, path), readFileSync(path, 'utf8')))

export const treeOf = (name: string, text: string): Tree => ({
  name,
  text,
  nodes: [...nodesIn(parseAst(text, { lang: 'ts' }, name))],
})

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesIn(each)
  if (!isNode(value)) return
  yield value
  for (const part of Object.values(value)) yield* nodesIn(part)
}

/** The name of what is called: of `a.b.c()` it is `c`. */
export function calledName({ callee }: Node): string | null {
  if (!isNode(callee)) return null
  const named = callee.type === 'MemberExpression' ? callee.property : callee
  return isNode(named) && typeof named.name === 'string' ? named.name : null
}
