// Tokens: made from 256 random bits, kept only as hashes; secrets of webhooks, kept encrypted. And fingerprints of what
// is no secret.
import { createHash, createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** The prefix tells a leaked token's kind to a person and to a secret scanner. */
export type TokenKind = 'directory' | 'admin'

const prefixes: Record<TokenKind, string> = { directory: 'rollcall_dir_', admin: 'rollcall_adm_' }

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62 to the 43rd is more than 2 to the 256th. */
const SECRET_LENGTH = 43
/** 62 to the 6th is more than 2 to the 32nd. */
const CHECKSUM_LENGTH = 6

/** A prefix, 256 random bits and a checksum of both: letters, digits and underscores, so that a double click takes it whole. */
export function newToken(kind: TokenKind): string {
  const secret = BigInt(`0x${randomBytes(32).toString('hex')}`)
  const text = prefixes[kind] + inDigits(secret, SECRET_LENGTH)
  return text + checksumOf(text)
}

/**
 * Whether a text can be a token of this kind: of another, mistyped or invented is told without asking the database.
 * Tokens once had no checksum, and base64url for their bits: they hold as before.
 */
export function isTokenLike(text: string, kind: TokenKind): boolean {
  const prefix = prefixes[kind]
  if (!text.startsWith(prefix)) return false
  if (text.length === prefix.length + SECRET_LENGTH) return /^[\w-]+$/.test(text)
  const end = prefix.length + SECRET_LENGTH
  return text.slice(end) === checksumOf(text.slice(0, end))
}

/** Proves nothing, since anybody can count it: it tells a scanner that a text is a token, and us that it is none. */
const checksumOf = (text: string): string => inDigits(BigInt(crc32(text)), CHECKSUM_LENGTH)

/** A number in base 62, with zeros before it. */
function inDigits(number: bigint, length: number): string {
  const base = BigInt(DIGITS.length)
  let text = ''
  for (let rest = number; rest > 0n; rest /= base) text = DIGITS.charAt(Number(rest % base)) + text
  return text.padStart(length, '0')
}

/**
 * SHA-256: a token is random and 256 bits long, so there is nothing to guess and a slow hash adds nothing. Looking
 * up the hash in an index tells an attacker nothing about the token by its timing.
 */
export const hashToken = (token: string): Buffer => hash('sha256', token, 'buffer')

/** Whether what is given is this token, in a time that says nothing of how much of it is right. */
export function tokenCheck(token: string): (given: string) => boolean {
  const known = hashToken(token)
  return (given) => timingSafeEqual(hashToken(given), known)
}

/** What signs an endpoint's messages, as Standard Webhooks writes it: a prefix that tells its kind, and 256 random bits. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/** A key of 32 bytes that only who presents the token can make, since the database has but the token's hash. */
export const sealingKey = (token: string): Buffer =>
  createHmac('sha256', token).update('rollcall sealing key').digest()

/** A text's fingerprint, 22 characters that fit into a URL: for telling texts apart, not for keeping them secret. */
export const fingerprint = (text: string): string => new Fingerprint().add(text).value()

/** The fingerprint of a text that comes in parts. */
export class Fingerprint {
  readonly #hash = createHash('sha256')

  add(text: string): this {
    this.#hash.update(text)
    return this
  }

  /** To be asked for once, at the end. */
  value(): string {
    return this.#hash.digest('base64url').slice(0, 22)
  }
}
