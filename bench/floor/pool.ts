// The floor's connections: `pg` alone, each statement prepared once on each connection under a name.
import pg from 'pg'

export interface Statement {
  readonly name: string
  readonly text: string
}

export interface FloorPool {
  rows<T extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<T[]>
  end(): Promise<void>
}

/** As many connections as the service has. */
export function openPool(url: string, max = 10): FloorPool {
  const pool = new pg.Pool({ connectionString: url, max })
  return {
    rows: async <T extends pg.QueryResultRow>({ name, text }: Statement, values: readonly unknown[]) =>
      (await pool.query<T>({ name, text, values: [...values] })).rows,
    end: () => pool.end(),
  }
}
