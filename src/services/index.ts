// All use cases on one database: what http/ is given.
import type { SecretBox } from '../secret-box.ts'
import type { Database } from '../store/database.ts'
import { DecisionCounts } from '../store/decision-counts.ts'
import { parseNetworks } from '../webhooks/addresses.ts'
import { FAILING_MS } from '../webhooks/health.ts'
import { retrySchedule } from '../webhooks/retries.ts'
import { Sender, TIMEOUT_MS } from '../webhooks/sender.ts'
import { AdminTokens } from './admin-tokens.ts'
import { Bulk } from './bulk.ts'
import { Erasures } from './erasures.ts'
import { Events } from './events.ts'
import { Figures, keptMsAfter } from './figures.ts'
import { Groups } from './groups.ts'
import { HeldRemovals } from './held-removals.ts'
import { Idempotency } from './idempotency.ts'
import { KnownTokens } from './known-tokens.ts'
import { Members } from './members.ts'
import { OrganizationChanges } from './organization-changes.ts'
import { Organizations } from './organizations.ts'
import { ParentOrganizations } from './parent-organizations.ts'
import { Schemas } from './schemas.ts'
import { Searches } from './searches.ts'
import { Settings } from './settings.ts'
import { SettingsHistory } from './settings-history.ts'
import { SignIns } from './sign-ins.ts'
import { Sync } from './sync.ts'
import { Tokens } from './tokens.ts'
import { Tolerances } from './tolerances.ts'
import { Users } from './users.ts'
import { Waiting } from './waiting.ts'
import { type DispatchOptions, WebhookDispatch } from './webhook-dispatch.ts'
import { WebhookMessenger } from './webhook-messenger.ts'
import { Webhooks } from './webhooks.ts'
import { Workos } from './workos.ts'
import { WorkosConnections } from './workos-connections.ts'

export interface Services {
  readonly users: Users
  readonly groups: Groups
  readonly bulk: Bulk
  readonly searches: Searches
  readonly schemas: Schemas
  readonly parentOrganizations: ParentOrganizations
  readonly organizations: Organizations
  readonly organizationChanges: OrganizationChanges
  readonly settings: Settings
  readonly settingsHistory: SettingsHistory
  readonly members: Members
  readonly erasures: Erasures
  readonly heldRemovals: HeldRemovals
  readonly signIns: SignIns
  readonly sync: Sync
  readonly waiting: Waiting
  readonly events: Events
  readonly tokens: Tokens
  readonly adminTokens: AdminTokens
  readonly idempotency: Idempotency
  readonly tolerances: Tolerances
  readonly figures: Figures
  readonly webhooks: Webhooks
  readonly webhookDispatch: WebhookDispatch
  readonly workos: Workos
  readonly workosConnections: WorkosConnections
}

export interface WebhookOptions extends DispatchOptions {
  /** networks beside the public ones that endpoints may be in, e.g. 10.0.0.0/8 */
  readonly allowedNetworks: readonly string[]
  readonly timeoutMs: number
}

export interface ServiceOptions extends WebhookOptions {
  /** how long what the metrics show of the database is kept, by how long it took to read */
  readonly figuresKeptMs: (tookMs: number) => number
}

const defaults: ServiceOptions = {
  allowedNetworks: [],
  timeoutMs: TIMEOUT_MS,
  schedule: retrySchedule,
  leaseMs: 60_000,
  failingMs: FAILING_MS,
  takenAtOnce: 2000,
  figuresKeptMs: keptMsAfter,
}

/** `secretBox` encrypts the secrets that must be used again. */
export function createServices(
  uncounted: Database,
  secretBox: SecretBox,
  given: Partial<ServiceOptions> = {},
): Services {
  const decisions = new DecisionCounts()
  const database = decisions.counting(uncounted)
  const options = { ...defaults, ...given }
  const allowedNetworks = parseNetworks(options.allowedNetworks)
  const messenger = new WebhookMessenger(secretBox, new Sender(allowedNetworks, options.timeoutMs))
  const tolerances = new Tolerances(database)
  const users = new Users(database, tolerances)
  const groups = new Groups(database, tolerances)
  const known = new KnownTokens()
  const schemas = new Schemas(database, known)
  return {
    users,
    groups,
    bulk: new Bulk({ users, groups, tolerances }),
    searches: new Searches(database),
    schemas,
    parentOrganizations: new ParentOrganizations(database, known),
    organizations: new Organizations(database),
    organizationChanges: new OrganizationChanges(database),
    settings: new Settings(database),
    settingsHistory: new SettingsHistory(database),
    members: new Members(database),
    erasures: new Erasures(database, schemas),
    heldRemovals: new HeldRemovals(database),
    signIns: new SignIns(database),
    sync: new Sync(database),
    waiting: new Waiting(database),
    events: new Events(database),
    tokens: new Tokens(database, known),
    adminTokens: new AdminTokens(database),
    idempotency: new Idempotency(database),
    tolerances,
    figures: new Figures(database, decisions, options.figuresKeptMs),
    webhooks: new Webhooks(database, messenger, allowedNetworks),
    webhookDispatch: new WebhookDispatch(database, messenger, options),
    workos: new Workos(database, schemas, secretBox),
    workosConnections: new WorkosConnections(database, secretBox),
  }
}
