// The signature of a delivery: `WorkOS-Signature: t=<ms>, v1=<hex HMAC-SHA256 over "t.body">`, by WorkOS's own library.
import { WorkOS } from '@workos-inc/node'

/** How old a delivery may be: what WorkOS's library has for its default. */
export const TOLERANCE_MS = 180_000

/** `old`: signed rightly, and too long ago, so that whoever recorded it cannot send it again. */
export type Verdict = 'valid' | 'unreadable' | 'forged' | 'old'

// no request is ever made with it: the key is only what the constructor asks for
const workos = new WorkOS('unused')
const crypto = workos.getCryptoProvider()

/**
 * Checks the bytes that came. The library's own `verifyHeader` signs `JSON.stringify` of a parsed body, which is
 * another text as soon as the sender writes an escape or a space of its own: of it we take how the header is read, the
 * HMAC and the comparison that tells nothing by its timing.
 */
export async function verifySignature(
  header: string,
  rawBody: string,
  secrets: readonly string[],
  now: Date,
): Promise<Verdict> {
  const parts = partsOf(header)
  if (parts === null) return 'unreadable'
  for (const secret of secrets) {
    const expected = await crypto.computeHMACSignatureAsync(`${parts.timestamp}.${rawBody}`, secret)
    if (!(await crypto.secureCompare(expected, parts.signature))) continue
    return now.getTime() - Number(parts.timestamp) > TOLERANCE_MS ? 'old' : 'valid'
  }
  return 'forged'
}

function partsOf(header: string): { timestamp: string; signature: string } | null {
  try {
    const [timestamp, signature] = workos.webhooks.getTimestampAndSignatureHash(header)
    const isReadable = /^\d{1,15}$/.test(timestamp) && /^[0-9a-f]{64}$/.test(signature)
    return isReadable ? { timestamp, signature } : null
  } catch {
    return null
  }
}
