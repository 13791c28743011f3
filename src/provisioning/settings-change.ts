// What one version of an organization's settings has that another has not. The order of mappings means nothing.
import { type Brake, isSameBrake } from './brake.ts'

/** A mapping as it was saved once: of a role or seat type that the plan need not have any more. */
export interface SavedMapping {
  readonly groupId: string
  readonly role: string | null
  readonly seatType: string | null
}

export interface SavedSettings<M extends SavedMapping = SavedMapping> {
  readonly mode: string
  readonly groupMappings: boolean
  readonly mappings: readonly M[]
  readonly brake: Brake | null
}

export interface SettingsChange<M extends SavedMapping = SavedMapping> {
  /** null: the same in both */
  readonly mode: { readonly from: string; readonly to: string } | null
  readonly groupMappings: { readonly from: boolean; readonly to: boolean } | null
  readonly mappings: { readonly added: readonly M[]; readonly removed: readonly M[] }
  readonly brake: { readonly from: Brake | null; readonly to: Brake | null } | null
}

export function changeOf<M extends SavedMapping>(
  from: SavedSettings<M>,
  to: SavedSettings<M>,
): SettingsChange<M> {
  return {
    mode: step(from.mode, to.mode),
    groupMappings: step(from.groupMappings, to.groupMappings),
    mappings: {
      added: without(to.mappings, from.mappings),
      removed: without(from.mappings, to.mappings),
    },
    brake: isSameBrake(from.brake, to.brake) ? null : { from: from.brake, to: to.brake },
  }
}

export function isChange({ mode, groupMappings, mappings, brake }: SettingsChange): boolean {
  const isRemapped = mappings.added.length > 0 || mappings.removed.length > 0
  return mode !== null || groupMappings !== null || isRemapped || brake !== null
}

const step = <T>(from: T, to: T) => (from === to ? null : { from, to })

function without<M extends SavedMapping>(mappings: readonly M[], others: readonly M[]): M[] {
  const keys = new Set(others.map(keyOf))
  return mappings.filter((mapping) => !keys.has(keyOf(mapping)))
}

const keyOf = ({ groupId, role, seatType }: SavedMapping) => JSON.stringify([groupId, role, seatType])
