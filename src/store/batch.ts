// Statements that travel to PostgreSQL and back together. The driver asks for an answer to each one, with a call of the
// system on either side, which costs more than most statements themselves.
import pg from 'pg'
import { NotRun } from './errors.ts'

// what the driver has, and its types do not say
declare module 'pg' {
  interface Connection {
    readonly submittedNamedStatements: Record<string, string>
  }
  interface Query {
    name?: string | undefined
    text: string
    types?: pg.CustomTypesConfig | undefined
    queryMode?: 'extended'
    readonly _result: { _types?: pg.CustomTypesConfig | undefined }
    callback?: (error: Error | null) => void
    handleRowDescription(message: unknown): void
    handleDataRow(message: unknown): void
    handleCommandComplete(message: unknown, connection: Connection): void
    handleError(error: Error, connection: Connection): void
    handleReadyForQuery(connection: Connection): void
  }
}

/** A statement, and who waits for its answer. */
export interface Waiting {
  readonly statement: pg.QueryConfig
  resolve(result: pg.QueryResult): void
  reject(error: Error): void
}

/** A connection whose statements of one turn of the event loop travel together, until one fails: then none does. */
export class BatchingConnection {
  readonly #connection: pg.PoolClient
  #waiting: Waiting[] = []
  #failure: Error | null = null

  constructor(connection: pg.PoolClient) {
    this.#connection = connection
  }

  /** Throws NotRun where one before it has failed. */
  query(statement: pg.QueryConfig): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.#send())
      this.#waiting.push({
        statement,
        resolve,
        reject: (error) => {
          this.#failure ??= error
          reject(error)
        },
      })
    })
  }

  /** What has not been sent yet is not run. */
  end(): void {
    this.#failure ??= new Error('The transaction of this statement is over.')
    this.#send()
  }

  #send(): void {
    const waiting = this.#waiting
    this.#waiting = []
    if (this.#failure !== null) {
      const error = new NotRun(this.#failure)
      for (const { reject } of waiting) reject(error)
    } else if (waiting.length > 0) this.#connection.query(new Batch(waiting))
  }
}

/** As the driver makes one of the same description, which it would copy, property by property, in the time of a statement. */
function queryOf(
  { text, values, name, types }: pg.QueryConfig,
  done: (error: Error | undefined, result: pg.QueryResult) => void,
): pg.Query {
  const query = new pg.Query(text, values, done)
  query.name = name
  query.types = types
  query._result._types = types
  // without it a statement without name and values is asked by a protocol that knows no batch
  query.queryMode = 'extended'
  return query
}

const unsynced = new WeakMap<pg.Connection, pg.Connection>()

/** The connection, for statements that do not ask for an answer of their own. */
function withoutSync(connection: pg.Connection): pg.Connection {
  const known = unsynced.get(connection)
  if (known !== undefined) return known
  const made: pg.Connection = Object.create(connection, { sync: { value: () => {} } })
  unsynced.set(connection, made)
  return made
}

/**
 * For the driver one query, for PostgreSQL several with one Sync at the end: they are run up to the first that fails, and
 * each has its answer as soon as it is there.
 */
export class Batch extends pg.Query {
  readonly #queries: pg.Query[]
  #failure: Error | null = null

  /** `done` is called when all have ended. */
  constructor(waiting: readonly Waiting[], done?: () => void) {
    super({ text: '' }, done)
    this.#queries = waiting.map(({ statement, resolve, reject }) => {
      return queryOf(statement, (error, result) => {
        if (!error) return resolve(result)
        this.#failure ??= error
        reject(error)
      })
    })
    this.#showCurrent()
  }

  override readonly submit = (connection: pg.Connection): void => {
    const statements = withoutSync(connection)
    connection.stream.cork()
    for (const query of this.#queries) {
      query.submit(statements)
      // its values could not be written: PostgreSQL gets neither it nor what follows
      if (this.#failure !== null) break
    }
    connection.sync()
    connection.stream.uncork()
  }

  override handleRowDescription(message: unknown): void {
    this.#queries[0]?.handleRowDescription(message)
  }

  override handleDataRow(message: unknown): void {
    this.#queries[0]?.handleDataRow(message)
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    const query = this.#queries.shift()
    this.#showCurrent()
    query?.handleCommandComplete(message, connection)
    query?.handleReadyForQuery(connection)
  }

  override handleReadyForQuery(connection: pg.Connection): void {
    this.#failRest(connection)
    this.callback?.(null)
  }

  override handleError(error: Error, connection: pg.Connection): void {
    this.#queries.shift()?.handleError(error, connection)
    this.#failRest(connection)
    this.callback?.(error)
  }

  #failRest(connection: pg.Connection): void {
    if (this.#failure === null) return
    const error = new NotRun(this.#failure)
    for (const query of this.#queries.splice(0)) {
      // nor was it prepared
      if (query.name !== undefined) delete connection.submittedNamedStatements[query.name]
      query.handleError(error, connection)
    }
  }

  /** The driver notes of the statement that is being answered that it is prepared. */
  #showCurrent(): void {
    this.name = this.#queries[0]?.name
    this.text = this.#queries[0]?.text ?? ''
  }
}
