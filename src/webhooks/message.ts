// A message as Standard Webhooks has it: id, timestamp and body, signed with each secret that is valid.
import { Webhook } from 'standardwebhooks'

export interface Payload {
  readonly type: string
  /** when it happened, which is not when it is sent */
  readonly timestamp: Date
  readonly data: unknown
}

export interface SignedMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The id is the same at each attempt, so that a receiver can tell what it has had; the signatures are of this moment. */
export function signMessage(
  id: string,
  payload: Payload,
  secrets: readonly string[],
  sentAt: Date,
): SignedMessage {
  const body = JSON.stringify(payload)
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, sentAt, body))
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Rollcall',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    },
  }
}

/** What the message of an event is called, at each attempt and for each endpoint. */
export const messageIdOf = (seq: number): string => `evt_${seq}`
