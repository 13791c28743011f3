// The brake (S5) in the tests: setting it, and the words of whom it holds.
import { type Administrated, answered, type Idp } from './provisioning.ts'

export const brake = (maxRemovals: number) => ({ maxRemovals, withinMinutes: 60 })

/** Pushes users; gives their ids. */
export async function users(idp: Idp, ...names: string[]): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) ids.push(await idp.user(name))
  return ids
}

/** The names of those whose removal is held, or was discarded. */
export async function named(org: Administrated, removal: 'held' | 'discarded'): Promise<string[]> {
  const { members } = (await answered(org.admin.get(org.path(`/members?removal=${removal}`)), 200)).body
  return members.map(({ email }: { email: string }) => email.split('@')[0]).sort()
}

export const held = (org: Administrated) => named(org, 'held')
export const namesOf = async (org: Administrated) => Object.keys(await org.seen())
export const decide = async (
  org: Administrated,
  what: 'release' | 'discard',
  choice: object = { all: true },
) => (await answered(org.admin.post(org.path(`/held-removals:${what}`), choice), 200)).body
