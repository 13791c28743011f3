// What SCIM asks of a resource service, and what it gets back.
import type { Page } from '../scim/list.ts'
import type { Projection } from '../scim/project.ts'
import type { JsonObject } from '../scim/resource.ts'

/** RFC 7644 section 3.4.2. */
export interface Search {
  readonly filter: string | undefined
  readonly page: Page
  readonly projection: Projection
}

/** A resource as the projection shows it; id and version also where it does not show them. */
export interface ResourceAnswer {
  readonly id: string
  readonly version: number
  readonly resource: JsonObject
}
