// xsd:dateTime (RFC 7643 section 2.3.5) → one spelling, so that two spellings of a moment compare as equal.

const pattern = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d{1,20})?)(Z|[+-]\d{2}:\d{2})?$/i

/**
 * The moment as `2011-05-13T04:42:34.000Z`, cut to milliseconds, or null where the text is no dateTime.
 * Without a time zone it is UTC: the server's own zone must not decide.
 *
 * @example canonicalDateTime('2011-05-13T04:42:34+02:00') // '2011-05-13T02:42:34.000Z'
 */
export function canonicalDateTime(text: string): string | null {
  const [, day, time, zone = 'Z'] = pattern.exec(text) ?? []
  if (day === undefined || time === undefined || !isDay(day)) return null
  const moment = new Date(`${day}T${time}${zone}`.toUpperCase())
  if (Number.isNaN(moment.getTime())) return null
  const canonical = moment.toISOString()
  // There is no year 0, and a zone may move the last hours of 9999 to a year of five digits.
  return /^\d{4}-/.test(canonical) && !canonical.startsWith('0000') ? canonical : null
}

/** Whether the calendar has the day: JavaScript makes 2 March of 30 February. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
}
