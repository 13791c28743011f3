// The extension schemas of directories: an administrator adds them, and every request of the directory obeys them.
import {
  ambiguousName,
  builtInTypes,
  type ResourceTypes,
  schemasOf,
  typesWith,
} from '../scim/resource-types.ts'
import type { ResourceTypeName, Schema } from '../scim/schema.ts'
import { forbiddenChanges } from '../scim/schema-change.ts'
import { parseSchemaDocument, SchemaFault } from '../scim/schema-document.ts'
import type { Database, Tx } from '../store/database.ts'
import { findDirectory, lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import {
  deleteExtensionSchema,
  type ExtensionSchema,
  findExtensionSchema,
  isSchemaInUse,
  listExtensionSchemas,
  putExtensionSchema,
  raiseSchemasVersion,
} from '../store/extension-schemas.ts'
import { Conflict, Invalid, NotFound } from './errors.ts'
import type { KnownTokens } from './known-tokens.ts'

export type { ExtensionSchema } from '../store/extension-schemas.ts'

/** What an administrator says of an extension; `schema` is a SCIM Schema document, not yet read. */
export interface ExtensionRequest {
  readonly resourceType: ResourceTypeName
  readonly required: boolean
  readonly schema: unknown
}

/** The most schemas that one directory adds: each is read with every request of the directory. */
const MAX_SCHEMAS = 20
/** The most directories whose types are kept in memory. */
const MAX_KEPT = 1000

export class Schemas {
  readonly #database: Database
  readonly #known: KnownTokens
  readonly #kept = new Map<string, { readonly version: number; readonly types: ResourceTypes }>()

  constructor(database: Database, known: KnownTokens) {
    this.#database = database
    this.#known = known
  }

  /** The resource types of a directory whose schemas are at this version; read anew when another is kept. */
  async typesOf(directoryId: string, version: number): Promise<ResourceTypes> {
    if (version === 0) return builtInTypes
    const kept = this.#kept.get(directoryId)
    if (kept?.version === version) return kept.types
    const types = typesWith(await listExtensionSchemas(this.#database.client, directoryId))
    this.#kept.delete(directoryId)
    this.#kept.set(directoryId, { version, types })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return types
  }

  async list(directoryId: string): Promise<ExtensionSchema[]> {
    const { client } = this.#database
    if ((await findDirectory(client, directoryId)) === null) throw new NotFound('Directory', directoryId)
    return listExtensionSchemas(client, directoryId)
  }

  async get(directoryId: string, urn: string): Promise<ExtensionSchema> {
    return getExtensionSchema(this.#database.client, directoryId, urn)
  }

  /** Adds a schema. Throws Invalid naming what is wrong with it, Conflict where its URN is taken. */
  async create(actor: Actor, directoryId: string, request: ExtensionRequest): Promise<ExtensionSchema> {
    const schema = parseSchema(request.schema)
    return this.#change(directoryId, async (tx) => {
      const held = await listExtensionSchemas(tx, directoryId)
      if (held.some((other) => isSameUrn(other.schema.id, schema.id))) {
        throw new Conflict(`The directory has a schema ${schema.id} already.`)
      }
      if (held.length >= MAX_SCHEMAS) throw new Conflict(`A directory has at most ${MAX_SCHEMAS} schemas.`)
      requireUnambiguous(schema, held)
      return put(tx, actor, 'schema.created', directoryId, { ...request, schema })
    })
  }

  /**
   * Puts another version of a schema in its place. While resources use it, what their values depend on stays: throws
   * Conflict naming the attributes whose change they forbid.
   */
  async replace(
    actor: Actor,
    directoryId: string,
    urn: string,
    request: ExtensionRequest,
  ): Promise<ExtensionSchema> {
    const schema = parseSchema(request.schema)
    return this.#change(directoryId, async (tx) => {
      const before = await getExtensionSchema(tx, directoryId, urn)
      if (before.schema.id !== schema.id)
        throw new Invalid('schema.id', `schema.id must be ${before.schema.id}.`)
      const held = await listExtensionSchemas(tx, directoryId)
      requireUnambiguous(
        schema,
        held.filter((other) => other.schema.id !== schema.id),
      )
      const changes = forbiddenChanges(before.schema, schema)
      if (before.resourceType !== request.resourceType) changes.push('resourceType')
      if (changes.length > 0 && (await isSchemaInUse(tx, directoryId, before.resourceType, before.schema))) {
        throw new Conflict(
          `Resources have values of ${schema.id}, which do not fit another ${changes.join(', ')}.`,
        )
      }
      return put(tx, actor, 'schema.updated', directoryId, { ...request, schema })
    })
  }

  /** Throws Conflict while resources have values of the schema. */
  async remove(actor: Actor, directoryId: string, urn: string): Promise<void> {
    await this.#change(directoryId, async (tx) => {
      const { schema, resourceType } = await getExtensionSchema(tx, directoryId, urn)
      if (await isSchemaInUse(tx, directoryId, resourceType, schema)) {
        throw new Conflict(`Resources have values of ${schema.id}: remove these first.`)
      }
      await deleteExtensionSchema(tx, directoryId, urn)
      await appendEvents(tx, actor, [
        { type: 'schema.deleted', directoryId, subjectId: directoryId, data: { schema: schema.id } },
      ])
    })
  }

  /** Nobody writes to the directory meanwhile: what is not in use stays so until the change is there. */
  async #change<T>(directoryId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await this.#database.transaction(async (tx) => {
        if ((await findDirectory(tx, directoryId)) === null) throw new NotFound('Directory', directoryId)
        await lockDirectory(tx, directoryId, 'exclusive')
        const result = await work(tx)
        await raiseSchemasVersion(tx, directoryId)
        return result
      })
    } finally {
      // the version is known with the token
      this.#known.forget()
    }
  }
}

const isSameUrn = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Throws Conflict where a name would mean one of the schema's attributes and another schema. */
function requireUnambiguous(schema: Schema, others: readonly ExtensionSchema[]): void {
  const name = ambiguousName([...schemasOf(builtInTypes), ...others.map((other) => other.schema), schema])
  if (name !== null) throw new Conflict(`${name} would be the name of an attribute and of a schema.`)
}

function parseSchema(document: unknown): Schema {
  try {
    return parseSchemaDocument(document)
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error
    const field = error.field === '' ? 'schema' : `schema.${error.field}`
    throw new Invalid(field, `${field} ${error.detail}`)
  }
}

async function getExtensionSchema(tx: Tx, directoryId: string, urn: string): Promise<ExtensionSchema> {
  const held = await findExtensionSchema(tx, directoryId, urn)
  if (held === null) throw new NotFound('Schema', urn)
  return held
}

async function put(
  tx: Tx,
  actor: Actor,
  type: 'schema.created' | 'schema.updated',
  directoryId: string,
  extension: { resourceType: ResourceTypeName; required: boolean; schema: Schema },
): Promise<ExtensionSchema> {
  await putExtensionSchema(tx, directoryId, extension)
  const { resourceType, required, schema } = extension
  await appendEvents(tx, actor, [
    { type, directoryId, subjectId: directoryId, data: { schema: schema.id, resourceType, required } },
  ])
  return getExtensionSchema(tx, directoryId, schema.id)
}
