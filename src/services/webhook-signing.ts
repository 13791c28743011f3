// The secrets that sign what an endpoint gets: sealed in the database, opened for as long as it takes to sign.
import type { SecretBox } from '../secret-box.ts'
import type { SealedSecrets } from '../store/webhook-endpoints.ts'
import { type Payload, type SignedMessage, signMessage } from '../webhooks/message.ts'

export class WebhookSigning {
  readonly #box: SecretBox

  constructor(box: SecretBox) {
    this.#box = box
  }

  /** Throws NoEncryptionKey. */
  seal(endpointId: string, secret: string): string {
    return this.#box.seal(secret, contextOf(endpointId))
  }

  /** Signs with each secret that is valid now: two, for a time after a rotation. Throws NoEncryptionKey, SealBroken. */
  sign(endpointId: string, sealed: SealedSecrets, id: string, payload: Payload): SignedMessage {
    const now = new Date()
    const { secret, previousSecret, previousSecretExpiresAt } = sealed
    const isPreviousValid = previousSecretExpiresAt !== null && previousSecretExpiresAt > now
    const valid = previousSecret !== null && isPreviousValid ? [secret, previousSecret] : [secret]
    const secrets = valid.map((each) => this.#box.open(each, contextOf(endpointId)))
    return signMessage(id, payload, secrets, now)
  }
}

const contextOf = (endpointId: string): string => `webhook_endpoints ${endpointId} secret`
