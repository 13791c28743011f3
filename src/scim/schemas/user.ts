// The User resource (RFC 7643 sections 4.1 and 8.7.1).
import type { ResourceType, Schema } from '../schema.ts'
import { binary, boolean, complex, labels, plural, primary, reference, string, type } from './attributes.ts'
import { commonAttributes } from './common.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'

export const userSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'User Account',
  attributes: [
    string('userName', 'The name by which the user signs in. Unique in the directory.', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', "The parts of the user's name.", [
      string('formatted', 'The full name, formatted for display.'),
      string('familyName', 'The family name.'),
      string('givenName', 'The given name.'),
      string('middleName', 'The middle names.'),
      string('honorificPrefix', "The prefix, e.g. 'Ms.'."),
      string('honorificSuffix', "The suffix, e.g. 'III'."),
    ]),
    string('displayName', 'The name shown to other people.'),
    string('nickName', 'The casual name.'),
    reference('profileUrl', "The URI of the user's online profile.", ['external']),
    string('title', "The user's title, e.g. 'Vice President'."),
    string('userType', "The relationship to the organization, e.g. 'Contractor'."),
    string('preferredLanguage', "The preferred language, e.g. 'en-US'."),
    string('locale', "The locale, e.g. 'en-US'."),
    string('timezone', "The time zone, e.g. 'America/Los_Angeles'."),
    boolean('active', 'Whether the user may use the service: an active user is assigned.'),
    string('password', 'Accepted and thrown away: the service keeps no passwords.', {
      caseExact: true,
      mutability: 'writeOnly',
      returned: 'never',
    }),
    plural('emails', 'E-mail addresses.', string('value', 'The address.'), ['work', 'home', 'other']),
    plural('phoneNumbers', 'Telephone numbers.', string('value', 'The number.'), [
      'work',
      'home',
      'mobile',
      'fax',
      'pager',
      'other',
    ]),
    plural('ims', 'Instant messaging addresses.', string('value', 'The address.'), [
      'aim',
      'gtalk',
      'icq',
      'xmpp',
      'msn',
      'skype',
      'qq',
      'yahoo',
    ]),
    plural('photos', 'Pictures of the user.', reference('value', 'The URI of the picture.', ['external']), [
      'photo',
      'thumbnail',
    ]),
    complex(
      'addresses',
      'Postal addresses.',
      [
        string('formatted', 'The full address, formatted for display.'),
        string('streetAddress', 'The street, house number and the like.'),
        string('locality', 'The city.'),
        string('region', 'The state or region.'),
        string('postalCode', 'The postal code.'),
        string('country', 'The country.'),
        type(['work', 'home', 'other']),
        primary,
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'The groups that the user belongs to, directly or through other groups.',
      [
        string('value', 'The id of the group.', { caseExact: true, mutability: 'readOnly' }),
        reference('$ref', 'The URI of the group.', ['Group'], { mutability: 'readOnly' }),
        string('display', 'The displayName of the group.', { mutability: 'readOnly' }),
        string('type', 'How the user is a member.', {
          mutability: 'readOnly',
          canonicalValues: ['direct', 'indirect'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    plural('entitlements', 'Things that the user has a right to.', string('value', 'The entitlement.'), []),
    plural('roles', 'Who the user is, e.g. "Student".', string('value', 'The role.'), []),
    complex(
      'x509Certificates',
      'Certificates of the user.',
      [binary('value', 'The DER-encoded certificate in base64.'), ...labels([])],
      { multiValued: true },
    ),
  ],
}

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'User Account',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema, required: false }],
  common: commonAttributes,
}
