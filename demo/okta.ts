// A first sync and a week of changes as Okta sends them.
import { mapGroups, setSeats } from './administrator.ts'
import {
  addMember,
  assign,
  createGroup,
  deactivate,
  deleteGroup,
  findUser,
  getUser,
  pushMembers,
  putGroup,
  putUser,
  removeMember,
  renameGroup,
  testConnection,
} from './okta-requests.ts'
import { type Account, none, type Scenario } from './scenario.ts'

const account = (givenName: string, familyName: string, number: number): Account => ({
  externalId: `00u1demo${number}lantern5d7`,
  userName: `${givenName.toLowerCase()}@lantern.example`,
  givenName,
  familyName,
})

const barbara = account('Barbara', 'Huberman', 11)
const grace = account('Grace', 'Murray', 12)
const alan = account('Alan', 'Perlis', 13)
const katherine = account('Katherine', 'Coleman', 14)
const edsger = account('Edsger', 'Wybe', 15)

const owners = 'Claude Owners'
const admins = 'Claude Admins'
const users = 'Claude Users'

export const okta: Scenario = {
  title: 'Okta',
  organization: 'Lantern Labs',
  people: ['Barbara', 'Grace', 'Alan', 'Katherine', 'Edsger'],
  steps: [
    { day: 'Mon', says: 'Okta tests the connection', exchanges: testConnection() },
    {
      day: 'Mon',
      says: 'Okta: Barbara, Grace and Alan are assigned to the application',
      exchanges: [...assign('Barbara', barbara), ...assign('Grace', grace), ...assign('Alan', alan)],
    },
    {
      day: 'Mon',
      says: 'Okta: three groups are pushed, with their members',
      exchanges: [
        ...createGroup(owners),
        pushMembers(owners, ['Barbara']),
        ...createGroup(admins),
        ...createGroup(users),
        pushMembers(users, ['Grace', 'Alan']),
      ],
    },
    {
      day: 'Mon',
      says: 'Administrator: buys seats, maps the groups, and lets SCIM decide: the first members',
      exchanges: [
        setSeats({ premium: 1, standard: 3 }),
        mapGroups(
          [
            { group: owners, role: 'owner' },
            { group: owners, seatType: 'premium' },
            { group: admins, role: 'admin' },
            { group: users, role: 'user' },
            { group: users, seatType: 'standard' },
          ],
          {
            members: {
              Barbara: 'owner on premium',
              Grace: 'user on standard',
              Alan: 'user on standard',
            },
          },
        ),
      ],
    },
    {
      day: 'Tue',
      says: 'Okta: Alan joins a second group, which raises his role',
      exchanges: [addMember(admins, 'Alan', { members: { Alan: 'admin on standard' } })],
    },
    {
      day: 'Tue',
      says: 'Okta: Katherine is assigned and joins Claude Admins',
      exchanges: [
        ...assign('Katherine', katherine),
        addMember(admins, 'Katherine', { members: { Katherine: 'admin on standard' } }),
      ],
    },
    {
      day: 'Wed',
      says: 'Okta: Edsger joins, but all three standard seats are taken: he waits',
      exchanges: [
        ...assign('Edsger', edsger),
        addMember(users, 'Edsger', { members: { Edsger: 'waits for standard' } }),
      ],
    },
    {
      day: 'Thu',
      says: 'Okta: Grace is deactivated; her seat goes to Edsger, who waited for it',
      exchanges: [deactivate('Grace', { members: { Grace: none, Edsger: 'user on standard' } })],
    },
    {
      day: 'Fri',
      says: 'Okta: Grace is assigned again; Okta finds her and takes her over; now she waits',
      exchanges: [
        findUser(grace.userName.toUpperCase(), ['Grace']),
        putUser('Grace', grace, { members: { Grace: 'waits for standard' } }),
      ],
    },
    {
      day: 'Fri',
      says: 'Administrator: buys one more seat; Grace, still in her group, gets it',
      exchanges: [setSeats({ premium: 1, standard: 4 }, { members: { Grace: 'user on standard' } })],
    },
    {
      day: 'Sat',
      says: 'Okta: Barbara has a new name and e-mail, Claude Users a new name: no role changes',
      exchanges: [
        getUser('Barbara'),
        putUser('Barbara', {
          ...barbara,
          userName: 'barbara.liskov@lantern.example',
          familyName: 'Liskov',
        }),
        renameGroup(users, 'Claude Everyone'),
      ],
    },
    {
      day: 'Sat',
      says: 'Okta: Alan leaves that group; his other one keeps him in',
      exchanges: [removeMember(users, 'Alan', {})],
    },
    {
      day: 'Sun',
      says: 'Okta, as an app made with its wizard: PUTs the whole group, with Alan again, without Edsger',
      exchanges: [putGroup(users, 'Claude Everyone', ['Grace', 'Alan'], { members: { Edsger: none } })],
    },
    {
      day: 'Sun',
      says: 'Okta: Claude Admins is deleted, its mapping with it: Alan is a user again, Katherine is out',
      exchanges: [deleteGroup(admins, { members: { Alan: 'user on standard', Katherine: none } })],
    },
  ],
  final: {
    Barbara: 'owner on premium',
    Grace: 'user on standard',
    Alan: 'user on standard',
  },
}
