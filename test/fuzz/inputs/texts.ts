// Texts that trip up parsers, SQL and JSON; texts nearly as they should be; bytes.
import fc from 'fast-check'
import { awkwardStrings } from '../../support/filters.ts'
import { type PlaceKind, place } from '../ask.ts'

export const hostileStrings = [
  ...awkwardStrings,
  '',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '\u202e',
  '\u2028',
  '\u007f\u0080',
  '#{7*7}',
  '{{7*7}}',
  "' OR '1'='1",
  "'; SELECT pg_sleep(5); --",
  '/* */',
  '$$x$$',
  '\\x00',
  '%00',
  '%25',
  '../../etc/passwd',
  '//example.com',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'undefined',
  'NaN',
  '-1',
  '1e400',
  '99999999999999999999',
  '0x10',
  '2026-02-30T25:61:61Z',
  '-271821-04-20T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  '0000-01-01T00:00:00Z',
  'infinity',
  'now',
  '00000000-0000-0000-0000-000000000000',
  'urn:ietf:params:scim:schemas:core:2.0:User',
  'a'.repeat(300),
  'a'.repeat(3000),
  'ß'.repeat(600),
  '"'.repeat(50),
  '\\'.repeat(51),
  '('.repeat(200),
  '['.repeat(200),
]

/** Moments at the ends of what JavaScript, RFC 3339 and PostgreSQL can say, and beyond by their offsets. */
export const dateTimes: fc.Arbitrary<string> = fc.constantFrom(
  '2026-01-05T08:00:00Z',
  '2026-01-05T08:00:00Z',
  '2020-02-29T12:00:00.123+02:00',
  '2036-12-31T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '0000-02-29T00:00:00Z',
  '0001-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:59-23:59',
  '2026-01-05t08:00:00z',
  '1969-12-31T23:59:59.999Z',
  '2026-01-05 08:00:00Z',
)

/** Numbers at the ends of what int4, int8 and JavaScript hold. */
export const wholeNumbers = fc.constantFrom(
  '2147483647',
  '2147483648',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
)

export const hostile: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...hostileStrings) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
)

export const places = (kind: PlaceKind): fc.Arbitrary<string> => fc.nat(30).map((i) => place(kind, i))

/** Bytes as a URL carries them, also such as are no UTF-8, and percent signs that begin nothing. */
export const urlBytes: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.nat(255).map((byte) => `%${byte.toString(16).padStart(2, '0')}`) },
      { weight: 5, arbitrary: fc.constantFrom('eq', '+', '"', '(', '[', '.', 'a', '&', '=', ';', ',', ':') },
      { weight: 1, arbitrary: fc.constantFrom('%', '%g0', '%c0%80', '%ed%a0%80') },
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join('').replaceAll('"', '%22'))

const inserted = fc.oneof(
  fc.constantFrom(
    ...' \t\n"\\()[].,:;=$%_*@#&\u0000'.split(''),
    ' and ',
    ' or ',
    ' not ',
    ' eq ',
    '""',
    'é',
    '\ud800',
  ),
  hostile,
)

const edit = fc.record({
  kind: fc.constantFrom('drop', 'insert', 'repeat', 'cut', 'case'),
  at: fc.nat(1000),
  length: fc.integer({ min: 1, max: 8 }),
  text: inserted,
})

/** The text with some edits. */
export const nearly = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([whole, edits]) => edits.reduce(edited, whole))

function edited(
  whole: string,
  { kind, at, length, text }: typeof edit extends fc.Arbitrary<infer E> ? E : never,
) {
  const from = whole.length === 0 ? 0 : at % whole.length
  const [before, part, after] = [
    whole.slice(0, from),
    whole.slice(from, from + length),
    whole.slice(from + length),
  ]
  switch (kind) {
    case 'drop':
      return before + after
    case 'insert':
      return before + text + part + after
    case 'repeat':
      return before + part.repeat(length * 4) + after
    case 'cut':
      return before
    default:
      return before + part.toUpperCase() + after
  }
}
