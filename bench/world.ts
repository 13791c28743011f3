// Who is in the directories that are measured, by number: what the loader writes and what requests ask for.

/** The size of a directory. */
export interface World {
  readonly users: number
  readonly groups: number
  /** the first users are the members of the large group, and so of the organization with mappings */
  readonly largeGroup: number
  /** how many groups that nobody mapped are in the next one */
  readonly nestings: number
}

/** 20,000 groups, 3 million memberships and a group of 100,000 for a million users; in proportion for fewer. */
export function worldOf(users: number): World {
  const groups = Math.max(200, Math.round(users / 50))
  return { users, groups, largeGroup: Math.min(100_000, users / 2), nestings: groups / 10 }
}

/**
 * Groups by their number: the first is the large one, mapped to role user and seat standard; then those mapped to admin
 * and premium, with ten members each; then those mapped to user and standard, empty, for what is measured to fill;
 * then those that nobody mapped. Each user is in two or three of the latter.
 */
export const LARGE_GROUP = 1
export const ADMIN_GROUPS = { first: 2, count: 40 } as const
export const MEMBERS_OF_ADMIN_GROUP = 10
export const STANDARD_GROUPS = { first: 42, count: 100 } as const
export const FIRST_OTHER_GROUP = STANDARD_GROUPS.first + STANDARD_GROUPS.count

/** The first users are in groups of admins, ten in each. */
export const ADMINS = ADMIN_GROUPS.count * MEMBERS_OF_ADMIN_GROUP

const idOf = (family: string, n: number) => `019a0000-0000-7000-${family}-${n.toString(16).padStart(12, '0')}`

export const USER_FAMILY = '8000'
export const GROUP_FAMILY = '9000'
export const userId = (n: number): string => idOf(USER_FAMILY, n)
export const groupId = (n: number): string => idOf(GROUP_FAMILY, n)

/** The group's number; NaN of a group that the loader did not make. */
export const groupNumber = (id: string): number =>
  id.startsWith(groupId(0).slice(0, 24)) ? Number.parseInt(id.slice(24), 16) : Number.NaN

export const groupName = (n: number): string => `Team ${n}`

/** One parent organization, its directory, an organization with group mappings and one without, both in mode scim. */
export const tenant = {
  parentOrganizationId: idOf('a000', 1),
  directoryId: idOf('a000', 2),
  directoryTokenId: idOf('a000', 3),
  adminTokenId: idOf('a000', 4),
  /** plan enterprise_seats, group mappings on */
  mappedId: idOf('a000', 5),
  /** plan console, without mappings: everybody who is assigned is a member */
  unmappedId: idOf('a000', 6),
} as const

const givenNames = [
  'Ada',
  'Barbara',
  'Claude',
  'Dorothy',
  'Edsger',
  'Frances',
  'Grace',
  'Hedy',
  'Ida',
  'John',
  'Ken',
]
const familyNames = [
  'Allen',
  'Backus',
  'Curry',
  'Dijkstra',
  'Easley',
  'Floyd',
  'Goldberg',
  'Hopper',
  'Iverson',
]
const departments = ['Compilers', 'Legal', 'Operations', 'Payroll', 'Research', 'Sales', 'Support']
export const names = { givenNames, familyNames, departments } as const

/** What is different from user to user. */
export interface Identity {
  readonly number: string
  readonly givenName: string
  readonly familyName: string
  readonly department: string
}

export const identityOf = (n: number): Identity => ({
  number: String(n),
  givenName: pick(givenNames, n),
  familyName: pick(familyNames, n),
  department: pick(departments, n),
})

const pick = (values: readonly string[], n: number): string => values[n % values.length] ?? ''

export const userNameOf = ({ givenName, familyName, number }: Identity): string =>
  `${givenName}.${familyName}.${number}@lantern.example`

export const externalIdOf = ({ number }: Identity): string => `00u-lantern-${number}`

const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** The body with which an identity provider creates a user. */
export function userBody(identity: Identity) {
  const { givenName, familyName, department, number } = identity
  const userName = userNameOf(identity)
  return {
    schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
    userName,
    externalId: externalIdOf(identity),
    name: { givenName, familyName, formatted: `${givenName} ${familyName}` },
    displayName: `${givenName} ${familyName}`,
    title: 'Engineer',
    locale: 'en-US',
    emails: [{ value: userName, type: 'work', primary: true }],
    active: true,
    [ENTERPRISE_SCHEMA]: { employeeNumber: number, department },
  }
}
