// A page of rows in the order of their ids.

export interface PageRequest {
  /** the id after which the page begins; null: the first page */
  readonly after: string | null
  readonly limit: number
}
