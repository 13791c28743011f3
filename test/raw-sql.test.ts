// SQL is only parameterised, seen in the source: text that becomes SQL as it is is a constant, or stands in a list here
// with the reason why it holds nothing from outside. (That it is so when it runs: test/http/hostile-strings.test.ts.)
import { expect, test } from 'vitest'
import { calledName, isNode, type Node, type Tree, treeOf, trees } from './support/syntax.ts'

/** What is given text that becomes SQL, and which of the arguments are that text. */
const takesText = new Map<string | null, (position: number) => boolean>([
  ['raw', () => true],
  ['$queryRawUnsafe', (position) => position === 0],
  ['$executeRawUnsafe', (position) => position === 0],
  // what stands between, before and after the parts
  ['join', (position) => position > 0],
  ['query', (position) => position === 0],
])

/** Text that is no constant where it is used, as the source has it, with why it is one of ours all the same. */
const answered: Readonly<Record<string, string>> = {
  'admin-token.ts: $queryRawUnsafe(sql)': 'the statement of isMigrated, a constant of store/migrate.ts',
  'main.ts: query(sql)': 'the same',
  'store/batch.ts: query(new Batch(waiting))':
    'what its query() was given, which is answered for where it is called',
  'store/gathered-reads.ts: query(new Batch(waiting, () => connection.release()))':
    'of preparedOf(): what was written with parameters, as they are',
  'store/database.ts: query(statement)': 'one of the constants beside it',
  'store/database.ts: query(commit)': 'a constant of store/transaction.ts',
  'store/embedded.ts: query(`CREATE DATABASE ${client.escapeIdentifier(database)}`)': 'a constant name',
  'store/erasure.ts: raw(column)': 'a name of a column, given as a constant in the same file',
  'store/lookups.ts: query(begin)': 'a constant beside it',
  'store/lookups.ts: query(commit)': 'a constant of store/transaction.ts',
  'store/lookups.ts: query(planOnce)': 'the same',
  'store/lookups.ts: query(preparedOf(sql, given))':
    'the text of a tagged template, whose values are parameters',
  'store/migrate.ts: query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)': 'a number beside it',
  'store/migrate.ts: query(createTable)': 'a constant beside it',
  'store/migrate.ts: query(selectApplied)': 'the same',
  'store/migrate.ts: query(migration.sql)': 'the files of prisma/migrations',
  'store/references.ts: raw(nameOf)': 'nameOf is given names of columns, and called there alone',
  'store/search-sql.ts: raw(rows)': 'an alias, given as a constant three times in the same function',
  'store/statements.ts: query(preparedOf(sql, given))':
    'the text of a tagged template, whose values are parameters',
  'worker/queue.ts: query(text)': 'the statements of pg-boss, with values of their own',
}

/** The text as it is in the source; of a long template the functions that it calls. */
function shown(argument: Node, { text, nodes }: Tree): string {
  const source = text.slice(argument.start, argument.end)
  if (!source.includes('\n')) return source
  const inside = nodes.filter(({ start, end }) => start > argument.start && end < argument.end)
  return [...new Set(inside.filter(({ type }) => type === 'CallExpression').map(calledName))].join(', ')
}

function isConstant(node: unknown): boolean {
  if (!isNode(node)) return false
  if (node.type === 'Literal') return typeof node.value === 'string'
  if (node.type === 'TemplateLiteral') return Array.isArray(node.expressions) && node.expressions.length === 0
  return node.type === 'ConditionalExpression' && isConstant(node.consequent) && isConstant(node.alternate)
}

/** Only Prisma's `join`: lists have one too. */
function isOfSql(name: string, { callee }: Node): boolean {
  if (name !== 'join' && name !== 'raw') return true
  return isNode(callee) && isNode(callee.object) && callee.object.name === 'Prisma'
}

function textsIn(tree: Tree): string[] {
  return tree.nodes.flatMap((node) => {
    const name = node.type === 'CallExpression' ? calledName(node) : null
    const takes = takesText.get(name)
    if (name === null || takes === undefined || !isOfSql(name, node)) return []
    const given = Array.isArray(node.arguments) ? node.arguments.filter(isNode) : []
    return given
      .filter((argument, position) => takes(position) && !isConstant(argument))
      .map((argument) => `${tree.name}: ${name}(${shown(argument, tree)})`)
  })
}

test('text that becomes SQL as it is is a constant, or is answered for', () => {
  const found = trees().flatMap(textsIn)
  expect([...new Set(found)].sort()).toEqual(Object.keys(answered).sort())
})

test('text from outside is found', () => {
  const lines = [
    'Prisma.raw(name)',
    `Prisma.raw(\`x \${name}\`)`,
    'Prisma.join(parts, operator)',
    'tx.$queryRawUnsafe("a" + b)',
    'tx.$executeRawUnsafe(text, 1)',
    'pool.query(one ? "a" : b)',
    "Prisma.raw('a'); Prisma.join(parts, ' AND '); pool.query(`a`, [b]); parts.join(name)",
  ]
  expect(textsIn(treeOf('x.ts', lines.join('\n')))).toEqual([
    'x.ts: raw(name)',
    `x.ts: raw(\`x \${name}\`)`,
    'x.ts: join(operator)',
    'x.ts: $queryRawUnsafe("a" + b)',
    'x.ts: $executeRawUnsafe(text)',
    'x.ts: query(one ? "a" : b)',
  ])
})
