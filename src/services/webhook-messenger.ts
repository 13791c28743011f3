// Messages to endpoints: signed with secrets that are sealed in the database and opened for as long as it takes, and sent.
import { SealBroken, type SecretBox } from '../secret-box.ts'
import type { SealedSecrets } from '../store/webhook-endpoints.ts'
import { type Payload, signMessage } from '../webhooks/message.ts'
import type { Attempt, Sender } from '../webhooks/sender.ts'

/** Where a message goes. */
export interface Recipient extends SealedSecrets {
  readonly id: string
  readonly url: string
}

export class WebhookMessenger {
  readonly #box: SecretBox
  readonly #sender: Sender

  constructor(box: SecretBox, sender: Sender) {
    this.#box = box
    this.#sender = sender
  }

  /** Throws NoEncryptionKey. */
  seal(endpointId: string, secret: string): string {
    return this.#box.seal(secret, contextOf(endpointId))
  }

  /** Never throws: what goes wrong is the attempt's error. A lost key can be given back, or the secret rotated. */
  async send(recipient: Recipient, messageId: string, payload: Payload): Promise<Attempt> {
    const now = new Date()
    try {
      const secrets = this.#secretsOf(recipient, now)
      return await this.#sender.send(recipient.url, signMessage(messageId, payload, secrets, now))
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message : String(error), retryAfter: null }
    }
  }

  /** Those that are valid: two, for a time after a rotation. Throws NoEncryptionKey, SealBroken. */
  #secretsOf({ id, secret, previousSecret, previousSecretExpiresAt }: Recipient, now: Date): string[] {
    const current = this.#box.open(secret, contextOf(id))
    if (previousSecret === null || previousSecretExpiresAt === null || previousSecretExpiresAt <= now) {
      return [current]
    }
    try {
      return [current, this.#box.open(previousSecret, contextOf(id))]
    } catch (error) {
      // its key is gone, which is why there is a new one
      if (error instanceof SealBroken) return [current]
      throw error
    }
  }
}

const contextOf = (endpointId: string): string => `webhook_endpoints ${endpointId} secret`
