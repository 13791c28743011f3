// E4: the list of who waits for a seat, since when and for what.
import type { SeatWish } from '../provisioning/types.ts'
import type { Database } from '../store/database.ts'
import { type Waiting as Line, type Place, readLine } from '../store/waiting.ts'
import { getOrganization } from './organizations.ts'

export class Waiting {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** A page of those who wait, as of one moment, in the order in which seats will be given to them. */
  async list(
    organizationId: string,
    page: { waitsFor: SeatWish | null; after: Place | null; limit: number },
  ): Promise<Line[]> {
    return this.#database.read(async (tx) => readLine(tx, await getOrganization(tx, organizationId), page))
  }
}
