// Identifiers: UUIDs of version 7, whose order is the order in which they were made.
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

export const newId = (): string => uuidv7()

/** Without an order, at a tenth of the cost: every request has one. */
export const newRequestId = (): string => randomUUID()

/** Before every id: where a walk through them begins. */
export const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Ids compare with case, in canonical spelling: a text of another shape is the id of nothing. */
export const isId = (id: string): boolean => UUID.test(id)
