// The ids that inputs stand for: those that the world began with, those that inputs made, less those that they deleted.
import { filled, type Got, type PlaceKind } from './ask.ts'
import { objectIn } from './judge.ts'

/** So many of a kind are remembered: the first ones, and the latest. */
const MOST = 40
/** Never forgotten, whatever is answered: what all else is found by. */
const lasting: readonly string[] = ['directory', 'parent', 'org', 'workos']

/** How the ids of what inputs made are known: by the end of the path that made it. */
const makers: readonly (readonly [end: string, ...kinds: PlaceKind[]])[] = [
  ['/Users', 'user'],
  ['/Groups', 'group'],
  ['/members', 'member'],
  ['/parent-organizations', 'parent', 'spareParent'],
  ['/organizations', 'org', 'spareOrg'],
  ['/workos-connections', 'connection'],
  ['/admin-tokens', 'adminToken'],
  ['/tokens', 'directoryToken'],
  ['/webhook-endpoints', 'endpoint'],
]

interface Asked {
  readonly method: string
  /** with the ids */
  readonly path: string
}

export class Known {
  readonly #ids: Map<string, string[]>

  constructor(first: ReadonlyMap<PlaceKind, readonly string[]>) {
    this.#ids = new Map([...first].map(([kind, ids]) => [kind, [...ids]]))
  }

  /** The text with ids for its places. */
  fill(text: string): string {
    return filled(text, (kind, index) => {
      const known = this.#ids.get(kind) ?? []
      return known[index % Math.max(known.length, 1)]
    })
  }

  note({ method, path }: Asked, { status, body }: Got): void {
    const [plain = ''] = path.split('?')
    if (method === 'DELETE' && status === 204) this.#forget((id) => plain.endsWith(`/${id}`), [])
    if (status === 404) this.#forget((id) => body.includes(id), lasting)
    const cursor = status === 200 && body.includes('"nextCursor"') ? objectIn(body)?.nextCursor : undefined
    if (typeof cursor === 'string') this.#keep('cursor', cursor)
    const [, ...kinds] = makers.find(([end]) => plain.endsWith(end)) ?? ['']
    const id = status === 201 ? objectIn(body)?.id : undefined
    if (typeof id === 'string') for (const kind of kinds) this.#keep(kind, id)
  }

  #keep(kind: PlaceKind, id: string): void {
    const known = this.#ids.get(kind) ?? []
    known.push(id)
    if (known.length > MOST) known.splice(MOST / 2, 1)
    this.#ids.set(kind, known)
  }

  #forget(isGone: (id: string) => boolean, except: readonly string[]): void {
    for (const [kind, known] of this.#ids) {
      const at = except.includes(kind) ? -1 : known.findIndex(isGone)
      if (at >= 0 && known.length > 1) known.splice(at, 1)
    }
  }
}
