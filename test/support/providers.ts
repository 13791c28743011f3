// Identity providers as clients: each with exactly the headers that it sends, and what their directory holds of them.
import { adminClient, type Client, type Tenant, type TestApp } from './app.ts'

/** The headers of a provider beside Authorization; `write` goes with every body. */
export interface Dialect {
  readonly read: Readonly<Record<string, string>>
  readonly write: Readonly<Record<string, string>>
  /** how the token is presented, where it is not `Bearer` */
  readonly scheme?: string
}

/** Microsoft Entra ID: no Content-Type without a body. */
export const entra: Dialect = {
  read: { Accept: 'application/scim+json' },
  write: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json; charset=utf-8' },
}

/** Requests in a dialect: no header is sent that it does not name. Paths begin after /scim/v2. */
export function speaking({ http }: TestApp, { token }: Tenant, dialect: Dialect): Client {
  const send =
    (method: keyof Client): Client[keyof Client] =>
    (path, body) => {
      const headers = { ...(body === undefined ? dialect.read : dialect.write) }
      const request = http[method](`/scim/v2${path}`)
        .unset('User-Agent')
        .set({ ...headers, Authorization: `${dialect.scheme ?? 'Bearer'} ${token}` })
      return body === undefined ? request : request.send(JSON.stringify(body))
    }
  return {
    get: send('get'),
    post: send('post'),
    put: send('put'),
    patch: send('patch'),
    delete: send('delete'),
  }
}

/** Which tolerances the directory's provider needed, each once. */
export async function toleratedFrom(app: TestApp, { directoryId }: Tenant): Promise<string[]> {
  const { body } = await adminClient(app).get(`/directories/${directoryId}/tolerances`).expect(200)
  return [...new Set<string>(body.tolerances.map(({ tolerance }: { tolerance: string }) => tolerance))].sort()
}

export async function memberIds(scim: Client, group: string): Promise<string[]> {
  const { body } = await scim.get(`/Groups/${group}`).expect(200)
  return (body.members ?? []).map(({ value }: { value: string }) => value)
}

/** A filter as a query, with `%20` for spaces. */
export const where = (filter: string): string => `filter=${encodeURIComponent(filter)}`

/** A filter as a query of a form, with `+` for spaces. */
export const wherePlus = (filter: string): string => where(filter).replaceAll('%20', '+')

/** Creates and gives the id. */
export async function created(scim: Client, path: string, body: unknown): Promise<string> {
  const { body: resource } = await scim.post(path, body).expect(201)
  return resource.id
}
