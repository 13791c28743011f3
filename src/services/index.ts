// All use cases on one database: what http/ is given.
import type { SecretBox } from '../secret-box.ts'
import type { Database } from '../store/database.ts'
import { Bulk } from './bulk.ts'
import { Events } from './events.ts'
import { Groups } from './groups.ts'
import { Members } from './members.ts'
import { Organizations } from './organizations.ts'
import { Schemas } from './schemas.ts'
import { Searches } from './searches.ts'
import { Settings } from './settings.ts'
import { SettingsHistory } from './settings-history.ts'
import { SignIns } from './sign-ins.ts'
import { Tokens } from './tokens.ts'
import { Tolerances } from './tolerances.ts'
import { Users } from './users.ts'

export interface Services {
  readonly users: Users
  readonly groups: Groups
  readonly bulk: Bulk
  readonly searches: Searches
  readonly schemas: Schemas
  readonly organizations: Organizations
  readonly settings: Settings
  readonly settingsHistory: SettingsHistory
  readonly members: Members
  readonly signIns: SignIns
  readonly events: Events
  readonly tokens: Tokens
  readonly tolerances: Tolerances
}

/** `_secretBox` will encrypt the secrets that must be used again. */
export function createServices(database: Database, _secretBox: SecretBox): Services {
  const tolerances = new Tolerances(database)
  const users = new Users(database, tolerances)
  const groups = new Groups(database, tolerances)
  return {
    users,
    groups,
    bulk: new Bulk({ users, groups, tolerances }),
    searches: new Searches(database),
    schemas: new Schemas(database),
    organizations: new Organizations(database),
    settings: new Settings(database),
    settingsHistory: new SettingsHistory(database),
    members: new Members(database),
    signIns: new SignIns(database),
    events: new Events(database),
    tokens: new Tokens(database),
    tolerances,
  }
}
