// Secrets that must be used again, such as the ones that sign webhooks: encrypted with keys that the database has not.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

export const KEY_BYTES = 32

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** There is no key to encrypt with: the operator has to give one. */
export class NoEncryptionKey extends Error {
  override readonly name = 'NoEncryptionKey'

  constructor() {
    super('Secrets cannot be kept: the service has no encryption key. Set ROLLCALL_ENCRYPTION_KEYS.')
  }
}

/** None of the keys opens it, or it belongs elsewhere: it was changed, moved to another row, or its key is gone. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken'

  constructor() {
    super('A secret in the database cannot be decrypted with the keys of ROLLCALL_ENCRYPTION_KEYS.')
  }
}

/**
 * AES-256-GCM with several keys, so that one can be replaced: the first encrypts, each decrypts what it encrypted.
 * The context, such as the table and id of the row, is part of what is authenticated: a secret that somebody copies
 * into another row does not open there.
 */
export class SecretBox {
  readonly #keys: readonly { readonly id: string; readonly key: Buffer }[]

  /** Keys of 32 bytes; without any the box opens and seals nothing. */
  constructor(keys: readonly Buffer[]) {
    this.#keys = keys.map((key) => ({ id: idOf(key), key }))
  }

  /** Gives `id of the key.nonce, tag and ciphertext`. Throws NoEncryptionKey. */
  seal(secret: string, context: string): string {
    const [first] = this.#keys
    if (first === undefined) throw new NoEncryptionKey()
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, first.key, nonce, { authTagLength: TAG_BYTES }).setAAD(
      Buffer.from(context),
    )
    const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return `${first.id}.${Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')}`
  }

  /** Throws NoEncryptionKey where there are no keys, else SealBroken. */
  open(sealed: string, context: string): string {
    if (this.#keys.length === 0) throw new NoEncryptionKey()
    const [keyId, text = ''] = sealed.split('.')
    const held = this.#keys.find(({ id }) => id === keyId)
    const bytes = Buffer.from(text, 'base64url')
    if (held === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken()
    const decipher = createDecipheriv(ALGORITHM, held.key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    try {
      const start = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([start, decipher.final()]).toString('utf8')
    } catch {
      throw new SealBroken()
    }
  }
}

/** Which key it was, told without telling anything of the key. */
const idOf = (key: Buffer): string =>
  createHash('sha256').update('rollcall key id').update(key).digest('hex').slice(0, 8)
