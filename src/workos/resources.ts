// A directory user or group of WorkOS's as the body of the SCIM resource that a push of the same person would make.
import { type Fields, firstText, isFields, textIn, withoutNulls } from './fields.ts'

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/**
 * WorkOS has attributes in three places: in fields of its own (some of them only on older events), in
 * `custom_attributes` as it maps them, and in `raw_attributes` as the identity provider gave them.
 */
export function userBody(user: Fields, workosId: string): Fields {
  const custom = fieldsOrNone(user.custom_attributes)
  const raw = fieldsOrNone(user.raw_attributes)
  const emails = emailsOf(user, custom)
  const primary = emails.find(({ primary: isPrimary }) => isPrimary)?.value
  const idpId = textIn(user.idp_id)
  return withoutNulls({
    schemas: [USER, ENTERPRISE],
    userName: firstText(user.username, custom.username, primary, idpId, workosId),
    externalId: idpId,
    active: isActive(user.state),
    name: withoutNulls({
      givenName: textIn(user.first_name),
      familyName: textIn(user.last_name),
      formatted: textIn(user.name),
    }),
    emails,
    displayName: textIn(raw.displayName),
    nickName: textIn(raw.nickName),
    title: firstText(user.job_title, custom.job_title, raw.title),
    userType: firstText(custom.employee_type, raw.userType),
    preferredLanguage: textIn(raw.preferredLanguage),
    locale: textIn(raw.locale),
    timezone: textIn(raw.timezone),
    [ENTERPRISE]: enterpriseOf(raw, custom),
  })
}

export function groupBody(group: Fields, workosId: string): Fields {
  return withoutNulls({
    schemas: [GROUP],
    displayName: firstText(group.name, workosId),
    externalId: textIn(group.idp_id),
  })
}

/** Whoever is not said to be active is not: only where nothing is said does a user that is there count as active. */
const isActive = (state: unknown): boolean => state === undefined || state === null || state === 'active'

interface Email {
  readonly value: string
  readonly type?: string
  readonly primary?: boolean
}

/** One of them is the primary: the one that `email` names, else the one that is marked, else the first. */
function emailsOf(user: Fields, custom: Fields): Email[] {
  const given = Array.isArray(user.emails) ? user.emails : custom.emails
  const listed = (Array.isArray(given) ? given : []).filter(isFields).flatMap((email): Email[] => {
    const value = textIn(email.value)
    const type = textIn(email.type)
    const isPrimary = email.primary === true
    if (value === null) return []
    return [{ value, ...(type === null ? {} : { type }), ...(isPrimary ? { primary: true } : {}) }]
  })
  const named = textIn(user.email)
  const isNamed = ({ value }: Email) => value.toLowerCase() === named?.toLowerCase()
  const all: Email[] =
    named === null || listed.some(isNamed) ? listed : [{ value: named, type: 'work' }, ...listed]
  const primary = all.find(isNamed) ?? all.find((email) => email.primary) ?? all[0]
  return all.map((email) => {
    const { primary: _marked, ...rest } = email
    return email === primary ? { ...rest, primary: true } : rest
  })
}

/** The Enterprise User extension (RFC 7643 section 4.3): as the provider gave it, else as WorkOS maps it. */
function enterpriseOf(raw: Fields, custom: Fields): Fields | null {
  const given = fieldsOrNone(raw[ENTERPRISE])
  const manager = isFields(given.manager) ? textIn(given.manager.value) : textIn(given.manager)
  const extension = withoutNulls({
    employeeNumber: firstText(given.employeeNumber, custom.employee_number),
    costCenter: firstText(given.costCenter, custom.cost_center_name),
    organization: textIn(given.organization),
    division: firstText(given.division, custom.division_name),
    department: firstText(given.department, custom.department_name),
    manager: manager === null ? null : { value: manager },
  })
  return Object.keys(extension).length === 0 ? null : extension
}

const fieldsOrNone = (value: unknown): Fields => (isFields(value) ? value : {})
