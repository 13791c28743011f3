// Prisma's schema engine as WebAssembly: what `prisma migrate` would say of a database, without its command line
// and the native engine that it would download.

import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlQuery,
} from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'

const filters = { externalTables: [], externalEnums: [] }

/** The SQL that would lead from the database to the schema: empty if they agree. */
export async function diffWithSchema(databaseUrl: string, schema: string): Promise<string> {
  const files = [{ path: 'schema.prisma', content: schema }]
  const result = await withEngine(databaseUrl, [['schema.prisma', schema]], (schemaEngine) =>
    schemaEngine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters,
    }),
  )
  const sql = result.stdout ?? ''
  return sql.includes('This is an empty migration') ? '' : sql
}

/** How Prisma judges the recorded history of the database beside the migrations in `directory`. */
export async function diagnoseWithPrisma(databaseUrl: string, directory: string) {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path) => {
      const value = await readFile(join(directory, path, 'migration.sql'), 'utf8')
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } }
    }),
  )
  const migrationsList = {
    baseDir: directory,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
    shadowDbInitScript: '',
    migrationDirectories,
  }
  return withEngine(databaseUrl, undefined, (schemaEngine) =>
    schemaEngine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters }),
  )
}

async function withEngine<T>(
  databaseUrl: string,
  datamodels: [string, string][] | undefined,
  use: (schemaEngine: engine.SchemaEngine) => Promise<T>,
): Promise<T> {
  await load()
  const adapter = bindMigrationAwareSqlAdapterFactory(new EnginePg({ connectionString: databaseUrl }))
  const schemaEngine = await engine.SchemaEngine.new({ datamodels }, () => {}, adapter)
  try {
    return await use(schemaEngine)
  } finally {
    schemaEngine.free()
  }
}

const oneByteColumns = ['constraint_type', 'confdeltype', 'confupdtype']

/** The adapter refuses PostgreSQL's one-byte type "char", which the engine reads from the catalogue. */
class EnginePg extends PrismaPg {
  override async connect() {
    const adapter = await super.connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query: SqlQuery) => {
      const sql = query.sql
        .replace('constr.contype AS', 'constr.contype::text AS')
        .replace(/\bcon\.(conf\w+type),/g, 'con.$1::text AS $1,')
      const result = await queryRaw({ ...query, sql })
      const columnTypes = result.columnTypes.map((type, index) =>
        oneByteColumns.includes(result.columnNames[index] ?? '') ? ColumnTypeEnum.Character : type,
      )
      return { ...result, columnTypes }
    }
    return adapter
  }
}

// Node has it, @types/node only its types.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: object): Promise<{ exports: Record<string, unknown> }>
}

let loaded: Promise<void> | undefined

/** The package leaves the loading of its module to bundlers. */
function load(): Promise<void> {
  loaded ??= (async () => {
    // Where the engine leaves its last words; without it, a failure in the engine would say nothing of itself.
    const set_message = (message: string) => {
      throw new Error(message)
    }
    Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message } })

    const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    const module = await WebAssembly.compile(await readFile(path.replace(/\.js$/, '.wasm')))
    const { exports } = await WebAssembly.instantiate(module, { './schema_engine_bg.js': { ...engine } })
    engine.__wbg_set_wasm(exports)
    if (typeof exports.__wbindgen_start === 'function') exports.__wbindgen_start()
  })()
  return loaded
}
