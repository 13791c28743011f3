// Many writes in one request (RFC 7644 section 3.7): each operation is a transaction of its own, by Users and Groups,
// with all that follows from it for members. What one of them cannot do is its outcome, and stops no other.
import { type BulkOperation, type BulkWork, parseBulk } from '../scim/bulk.ts'
import { creatorsOf, planBulk, type Unit } from '../scim/bulk-order.ts'
import { postpone, referenceIn, resolved } from '../scim/bulk-references.ts'
import { invalidValue, ScimError } from '../scim/errors.ts'
import { patchOpSchema } from '../scim/patch-body.ts'
import { minimal } from '../scim/project.ts'
import type { JsonObject } from '../scim/resource.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { isOutage, NotFound } from './errors.ts'
import type { Groups } from './groups.ts'
import type { Tolerances } from './tolerances.ts'
import type { Users } from './users.ts'

export interface BulkOutcome {
  readonly operation: BulkOperation
  /** the resource, where the operation came so far as to know which */
  readonly id: string | null
  readonly result: BulkResult
}

export type BulkResult =
  /** the version that the operation led to; null for a DELETE */
  | { readonly kind: 'done'; readonly version: number | null }
  | { readonly kind: 'failed'; readonly error: unknown }

interface BulkServices {
  readonly users: Users
  readonly groups: Groups
  readonly tolerances: Tolerances
}

export class Bulk {
  readonly #services: BulkServices

  constructor(services: BulkServices) {
    this.#services = services
  }

  /** What came of each operation that was run, in the order of the request. */
  async run(caller: DirectoryCaller, body: unknown): Promise<BulkOutcome[]> {
    const note = this.#services.tolerances.noteFor(caller.directoryId)
    const { operations, failOnErrors } = parseBulk(body, note)
    const run = new BulkRun(this.#services, caller, operations)
    for (const unit of planBulk(operations)) {
      if (run.errors >= failOnErrors) break
      await run.carryOut(unit)
    }
    return run.outcomes()
  }
}

/** A resource that was created; `later` is what it still lacks, because what that refers to was not there yet. */
interface Created {
  readonly index: number
  readonly id: string
  readonly version: number
  readonly later: JsonObject | null
}

/** One request on its way: what was created, and what came of each operation so far. */
class BulkRun {
  readonly #services: BulkServices
  readonly #caller: DirectoryCaller
  readonly #operations: readonly BulkOperation[]
  readonly #creators: ReadonlyMap<string, number>
  /** the resources that were created, by bulkId */
  readonly #created = new Map<string, string>()
  readonly #ids = new Map<number, string>()
  readonly #results = new Map<number, BulkResult>()
  #outage: unknown = null

  constructor(services: BulkServices, caller: DirectoryCaller, operations: readonly BulkOperation[]) {
    this.#services = services
    this.#caller = caller
    this.#operations = operations
    this.#creators = creatorsOf(operations)
  }

  get errors(): number {
    return [...this.#results.values()].filter(({ kind }) => kind === 'failed').length
  }

  outcomes(): BulkOutcome[] {
    return this.#operations.flatMap((operation, index) => {
      const result = this.#results.get(index)
      return result === undefined ? [] : [{ operation, id: this.#ids.get(index) ?? null, result }]
    })
  }

  /** Once the database is away, nothing more is tried: each operation would only wait for it anew. */
  async carryOut(unit: Unit): Promise<void> {
    if (this.#outage !== null) {
      for (const index of unit) this.#fail(index, this.#outage)
      return
    }
    const isCreation = unit.every((index) => this.#operations[index]?.method === 'POST')
    if (isCreation) await this.#createAll(unit)
    else for (const index of unit) await this.#change(index)
  }

  /**
   * Creates what refers to each other: each without what is not there yet, then adds that. All of a circle comes to be
   * or nothing, for each of it depends on all the others.
   */
  async #createAll(unit: Unit): Promise<void> {
    const created: Created[] = []
    let current = unit[0] ?? 0
    try {
      for (const index of unit) {
        current = index
        created.push(await this.#create(index, unit))
      }
      for (const resource of created) {
        current = resource.index
        const version = await this.#complete(resource)
        this.#results.set(resource.index, { kind: 'done', version })
      }
    } catch (error) {
      const remaining = await this.#takeBack(created)
      const because = new ScimError(
        409,
        null,
        `Operations[${current}], with which it is in a circle, failed.`,
      )
      for (const index of unit) {
        this.#fail(index, remaining.get(index) ?? (index === current ? error : because))
      }
    }
  }

  async #create(index: number, unit: Unit): Promise<Created> {
    const { bulkId, work } = this.#sound(index)
    const isMissing = (reference: string) => {
      const creator = this.#creators.get(reference)
      return creator !== undefined && unit.includes(creator) && !this.#created.has(reference)
    }
    const { now, later } = postpone(work.data ?? null, isMissing)
    const body = resolved(now, this.#idOf)
    const { id, version } = await this.#service(work).create(this.#caller, body, minimal)
    this.#ids.set(index, id)
    if (bulkId !== null) this.#created.set(bulkId, id)
    return { index, id, version, later }
  }

  async #complete({ index, id, version, later }: Created): Promise<number> {
    if (later === null) return version
    const operation = { op: 'add', value: resolved(later, this.#idOf) }
    const body = { schemas: [patchOpSchema], Operations: [operation] }
    const service = this.#service(this.#sound(index).work)
    return (await service.patch(this.#caller, id, body, undefined, minimal)).version
  }

  /** Deletes what a circle created before it failed. Gives what could not be deleted, and why. */
  async #takeBack(created: readonly Created[]): Promise<Map<number, unknown>> {
    const remaining = new Map<number, unknown>()
    for (const { index, id } of created) {
      const { bulkId, work } = this.#sound(index)
      if (bulkId !== null) this.#created.delete(bulkId)
      this.#ids.delete(index)
      try {
        await this.#service(work).remove(this.#caller, id, undefined)
      } catch (error) {
        if (!(error instanceof NotFound)) remaining.set(index, error)
      }
    }
    return remaining
  }

  async #change(index: number): Promise<void> {
    try {
      const { method, work } = this.#sound(index)
      const service = this.#service(work)
      const reference = referenceIn(work.id ?? undefined)
      const id = reference === null ? (work.id ?? '') : this.#idOf(reference)
      this.#ids.set(index, id)
      if (method === 'DELETE') {
        await service.remove(this.#caller, id, work.ifMatch)
        this.#results.set(index, { kind: 'done', version: null })
        return
      }
      const body = resolved(work.data ?? null, this.#idOf)
      const write = method === 'PUT' ? service.replace : service.patch
      const { version } = await write.call(service, this.#caller, id, body, work.ifMatch, minimal)
      this.#results.set(index, { kind: 'done', version })
    } catch (error) {
      this.#fail(index, error)
    }
  }

  #fail(index: number, error: unknown): void {
    this.#results.set(index, { kind: 'failed', error })
    if (isOutage(error)) this.#outage = error
  }

  /** The operation with its work; throws its fault. */
  #sound(index: number): BulkOperation & { readonly work: BulkWork } {
    const operation = this.#operations[index]
    if (operation === undefined) throw new Error('There is no such operation.')
    if (operation.work instanceof ScimError) throw operation.work
    return { ...operation, work: operation.work }
  }

  #service({ type }: BulkWork): Users | Groups {
    return type.name === 'User' ? this.#services.users : this.#services.groups
  }

  #idOf = (bulkId: string): string => {
    const id = this.#created.get(bulkId)
    if (id !== undefined) return id
    const name = JSON.stringify(bulkId.slice(0, 100))
    if (!this.#creators.has(bulkId)) throw invalidValue(`No POST in this request has the bulkId ${name}.`)
    throw new ScimError(409, null, `The operation with the bulkId ${name}, which this one needs, failed.`)
  }
}
