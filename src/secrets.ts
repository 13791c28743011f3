// Tokens: made from 256 random bits, kept only as hashes; secrets of webhooks, kept encrypted. And fingerprints of what
// is no secret.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The prefix tells a leaked token's kind to a person and to a secret scanner. */
export type TokenKind = 'directory' | 'admin'

const prefixes: Record<TokenKind, string> = { directory: 'rollcall_dir_', admin: 'rollcall_adm_' }

export const newToken = (kind: TokenKind): string => prefixes[kind] + randomBytes(32).toString('base64url')

/**
 * SHA-256: a token is random and 256 bits long, so there is nothing to guess and a slow hash adds nothing. Looking
 * up the hash in an index tells an attacker nothing about the token by its timing.
 */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Whether what is given is this token, in a time that says nothing of how much of it is right. */
export function tokenCheck(token: string): (given: string) => boolean {
  const hash = hashToken(token)
  return (given) => timingSafeEqual(hashToken(given), hash)
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
