// An event of WorkOS's as a change of the directory (domain.md section 8). Pure: whether the change is still news is
// for whoever knows what came before.
import { type Fields, fieldsAt, idAt, textIn, timeAt } from './fields.ts'
import { groupBody, userBody } from './resources.ts'
import { type Stamp, stampOf } from './stamp.ts'

export type WorkosType = 'User' | 'Group'

/** A user or group as an event tells it. */
export interface WorkosObject {
  readonly type: WorkosType
  readonly workosId: string
  /** when WorkOS made the object, as a text that sorts */
  readonly born: string
  readonly stamp: Stamp
  /** the body of the SCIM resource */
  readonly body: Fields
}

export type WorkosChange =
  | { readonly kind: 'activated' | 'disconnected'; readonly stamp: Stamp }
  | { readonly kind: 'object'; readonly object: WorkosObject }
  | {
      readonly kind: 'object_deleted'
      readonly type: WorkosType
      readonly workosId: string
      readonly stamp: Stamp
    }
  | ({ readonly kind: 'member_added'; readonly user: WorkosObject; readonly group: WorkosObject } & {
      readonly stamp: Stamp
    })
  | {
      readonly kind: 'member_removed'
      readonly userId: string
      readonly groupId: string
      readonly stamp: Stamp
    }

export interface WorkosEvent {
  readonly id: string
  /** the WorkOS directory that changed */
  readonly workosDirectoryId: string
  readonly change: WorkosChange
}

interface Envelope {
  readonly id: string
  readonly at: Date
}

type Translation = (data: Fields, event: Envelope) => WorkosChange

const translations: Readonly<Record<string, Translation>> = {
  'dsync.activated': (_data, event) => ({ kind: 'activated', stamp: stampOf(event.at, 'change', event) }),
  'dsync.deleted': (_data, event) => ({ kind: 'disconnected', stamp: stampOf(event.at, 'deletion', event) }),
  'dsync.user.created': (data, event) => ({ kind: 'object', object: userAt(data, 'data', event) }),
  'dsync.user.updated': (data, event) => ({ kind: 'object', object: userAt(data, 'data', event) }),
  'dsync.user.deleted': (data, event) => deletionOf('User', data, event),
  'dsync.group.created': (data, event) => ({ kind: 'object', object: groupAt(data, 'data', event) }),
  'dsync.group.updated': (data, event) => ({ kind: 'object', object: groupAt(data, 'data', event) }),
  'dsync.group.deleted': (data, event) => deletionOf('Group', data, event),
  'dsync.group.user_added': ({ user, group }, event) => ({
    kind: 'member_added',
    user: userAt(fieldsAt(user, 'data.user'), 'data.user', event),
    group: groupAt(fieldsAt(group, 'data.group'), 'data.group', event),
    stamp: stampOf(event.at, 'change', event),
  }),
  // the objects that it carries may be gone already, and must not come back by it
  'dsync.group.user_removed': ({ user, group }, event) => ({
    kind: 'member_removed',
    userId: idAt(fieldsAt(user, 'data.user').id, 'data.user.id'),
    groupId: idAt(fieldsAt(group, 'data.group').id, 'data.group.id'),
    stamp: stampOf(event.at, 'change', event),
  }),
}

export const dsyncEvents: readonly string[] = Object.keys(translations)

/** What an event changes; null for one of a kind that changes no directory. Throws WorkosFault naming what is wrong. */
export function translate(body: unknown): WorkosEvent | null {
  const envelope = fieldsAt(body, 'The body')
  const type = textIn(envelope.event) ?? ''
  const translation = Object.hasOwn(translations, type) ? translations[type] : undefined
  if (translation === undefined) return null
  const id = idAt(envelope.id, 'id')
  const at = timeAt(envelope.created_at, 'created_at')
  const data = fieldsAt(envelope.data, 'data')
  const isOfDirectory = type === 'dsync.activated' || type === 'dsync.deleted'
  const workosDirectoryId = isOfDirectory
    ? idAt(data.id, 'data.id')
    : idAt(data.directory_id, 'data.directory_id')
  return { id, workosDirectoryId, change: translation(data, { id, at }) }
}

const userAt = (user: Fields, path: string, event: Envelope) => objectAt('User', user, path, event)
const groupAt = (group: Fields, path: string, event: Envelope) => objectAt('Group', group, path, event)

/** An object is as new as its `updated_at`: an event may be made of it long after. */
function objectAt(type: WorkosType, object: Fields, path: string, event: Envelope): WorkosObject {
  const workosId = idAt(object.id, `${path}.id`)
  const at = optionalTime(object.updated_at, `${path}.updated_at`) ?? event.at
  const born = optionalTime(object.created_at, `${path}.created_at`) ?? event.at
  return {
    type,
    workosId,
    born: born.toISOString(),
    stamp: stampOf(at, 'change', event),
    body: type === 'User' ? userBody(object, workosId) : groupBody(object, workosId),
  }
}

/** What is deleted carries its last state, so it was deleted then at the earliest. */
function deletionOf(type: WorkosType, object: Fields, event: Envelope): WorkosChange {
  const updated = optionalTime(object.updated_at, 'data.updated_at')
  const at = updated !== null && updated > event.at ? updated : event.at
  return {
    kind: 'object_deleted',
    type,
    workosId: idAt(object.id, 'data.id'),
    stamp: stampOf(at, 'deletion', event),
  }
}

const optionalTime = (value: unknown, path: string): Date | null =>
  value === undefined || value === null ? null : timeAt(value, path)
