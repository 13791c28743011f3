// What tests ask of answers: SCIM errors in their one form, problem details in theirs, and what the database holds.
import type { Response } from 'supertest'
import { expect } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { errorUrn } from './protocol.ts'

/**
 * The answer is a SCIM error and nothing else (RFC 7644 section 3.12).
 * Gives its detail.
 */
export function expectScimError(response: Response, status: number, scimType: string | null = null): string {
  expect({ status: response.status, ...response.body }).toMatchObject({
    status: String(status),
    ...(scimType === null ? {} : { scimType }),
  })
  expect(response.status).toBe(status)
  expect(response.headers['content-type']).toBe('application/scim+json; charset=utf-8')
  const { detail, ...rest } = response.body
  expect(detail).toEqual(expect.any(String))
  expect(rest).toEqual({
    schemas: [errorUrn],
    status: String(status),
    ...(scimType === null ? {} : { scimType }),
  })
  return detail
}

/** The answer is a problem (RFC 9457); `more` is what it says beside status, title and detail. Gives its detail. */
export function expectProblem(response: Response, status: number, more: Record<string, string> = {}): string {
  expect({ status: response.status, ...response.body }).toMatchObject({ status, ...more })
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  const { title, detail, ...rest } = response.body
  expect(title).toEqual(expect.any(String))
  expect(detail).toEqual(expect.any(String))
  expect(rest).toEqual({ type: 'about:blank', status, ...more })
  return detail
}

/**
 * Every row of every table, as text: for what must be in none of them. When a token was last used is left out, and so is
 * the job queue unless it is asked for.
 */
export async function databaseText(
  { client }: Database,
  schemas: readonly string[] = ['public'],
): Promise<string> {
  const tables = await client.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname = ANY(${schemas}::text[]) ORDER BY 1`
  const rows: string[] = []
  for (const { name } of tables) {
    const held = await client.$queryRawUnsafe<{ row: string }[]>(
      `SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${name} t`,
    )
    rows.push(...held.map(({ row }) => `${name} ${row}`))
  }
  return rows.join('\n')
}
