// A first sync and a week of changes as Microsoft Entra ID sends them.
import { mapGroups, setSeats } from './administrator.ts'
import {
  addMember,
  createGroup,
  deleteGroup,
  deleteUser,
  findMembership,
  findUser,
  getGroup,
  getUser,
  provision,
  removeMember,
  renameGroup,
  testConnection,
  updateUser,
} from './entra-requests.ts'
import { type Account, none, type Scenario } from './scenario.ts'

const account = (givenName: string, familyName: string, number: number): Account => ({
  externalId: `7b0d5c1e-8f24-4c63-9e0a-5d2f1c3a${number}`,
  userName: `${givenName.toLowerCase()}@harbour.example`,
  givenName,
  familyName,
})

const hedy = account('Hedy', 'Kiesler', 1001)
const tim = account('Tim', 'Berners', 1002)
const radia = account('Radia', 'Perlman', 1003)
const vint = account('Vint', 'Gray', 1004)

const users = 'Claude Users'
const admins = 'Claude Admins'
const premium = 'Claude Premium'

export const entra: Scenario = {
  title: 'Microsoft Entra ID',
  organization: 'Harbour Robotics',
  people: ['Hedy', 'Tim', 'Radia', 'Vint'],
  steps: [
    { day: 'Mon', says: 'Entra tests the connection', exchanges: [testConnection()] },
    {
      day: 'Mon',
      says: 'Entra: the first cycle provisions Hedy, Tim and Radia, and three groups, still empty',
      exchanges: [
        ...provision('Hedy', hedy),
        ...provision('Tim', tim),
        ...provision('Radia', radia),
        ...createGroup(users, '1d9c7c1f-4a36-4f0e-8a6e-6c0f5b7e2001'),
        ...createGroup(admins, '1d9c7c1f-4a36-4f0e-8a6e-6c0f5b7e2002'),
        ...createGroup(premium, '1d9c7c1f-4a36-4f0e-8a6e-6c0f5b7e2003'),
      ],
    },
    {
      day: 'Mon',
      says: 'Administrator: buys seats, maps the groups, and lets SCIM decide: nobody is in them yet',
      exchanges: [
        setSeats({ premium: 1, standard: 2 }),
        mapGroups([
          { group: users, role: 'user' },
          { group: users, seatType: 'standard' },
          { group: admins, role: 'admin' },
          { group: premium, seatType: 'premium' },
        ]),
      ],
    },
    {
      day: 'Mon',
      says: 'Entra: the memberships follow, and with each one somebody is in',
      exchanges: [
        getGroup(users),
        addMember(users, 'Hedy', { members: { Hedy: 'user on standard' } }),
        addMember(users, 'Tim', { members: { Tim: 'user on standard' } }),
        getGroup(premium),
        addMember(premium, 'Radia', { members: { Radia: 'user on premium' } }),
      ],
    },
    {
      day: 'Tue',
      says: 'Entra: Tim joins a second group, which raises his role',
      exchanges: [getGroup(admins), addMember(admins, 'Tim', { members: { Tim: 'admin on standard' } })],
    },
    {
      day: 'Wed',
      says: 'Entra: Vint joins, but both standard seats are taken: he waits',
      exchanges: [
        ...provision('Vint', vint),
        addMember(users, 'Vint', { members: { Vint: 'waits for standard' } }),
      ],
    },
    {
      day: 'Wed',
      says: 'Entra: Hedy is to have the premium seat, which is taken: she keeps hers and waits for it',
      exchanges: [addMember(premium, 'Hedy', { members: { Hedy: 'user on standard, waits for premium' } })],
    },
    {
      day: 'Thu',
      says: 'Entra: Radia leaves Claude Premium, Hedy moves up to her seat, and Vint gets Hedy\u2019s',
      exchanges: [
        findMembership(premium, 'Radia', [premium]),
        removeMember(premium, 'Radia', {
          members: { Radia: none, Hedy: 'user on premium', Vint: 'user on standard' },
        }),
        findMembership(premium, 'Radia', []),
        findMembership(premium, 'Hedy', [premium]),
      ],
    },
    {
      day: 'Fri',
      says: 'Entra: Tim is unassigned; Entra says "False" as text',
      exchanges: [getUser('Tim'), updateUser('Tim', { active: 'False' }, { members: { Tim: none } })],
    },
    {
      day: 'Fri',
      says: 'Entra: Tim is back; his groups are not sent again, and still give him his role',
      exchanges: [
        findUser(tim.userName.toUpperCase(), ['Tim']),
        updateUser('Tim', { active: 'True' }, { members: { Tim: 'admin on standard' } }),
      ],
    },
    {
      day: 'Sat',
      says: 'Entra: Hedy has a new name and e-mail, Claude Admins a new name: no role changes',
      exchanges: [
        getUser('Hedy'),
        updateUser('Hedy', {
          userName: 'hedy.lamarr@harbour.example',
          'emails[type eq "work"].value': 'hedy.lamarr@harbour.example',
          'name.familyName': 'Lamarr',
          displayName: 'Hedy Lamarr',
        }),
        getGroup(admins),
        renameGroup(admins, 'Claude Stewards'),
      ],
    },
    {
      day: 'Sun',
      says: 'Entra: Claude Users is deleted, its mappings with it: Vint had no other group',
      exchanges: [deleteGroup(users, { members: { Vint: none } })],
    },
    {
      day: 'Sun',
      says: 'Entra: Radia\u2019s account is gone for good',
      exchanges: [deleteUser('Radia'), findUser(radia.userName, [])],
    },
  ],
  final: {
    Hedy: 'user on premium',
    Tim: 'admin on standard',
  },
}
