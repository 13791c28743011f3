// The URL of an endpoint, as far as it can be judged before its name is resolved.
import { isIP } from 'node:net'
import { mayCall, type Network } from './addresses.ts'

export const MAX_URL_LENGTH = 2000

/** The address that a URL names itself, in any spelling: the URL parser has made 0x7f.1 and 2130706433 one. */
export function literalAddress({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? null : host
}

/** What is wrong with a URL for an endpoint, as a sentence that never repeats it; null for nothing. */
export function faultOfUrl(text: string, allowed: readonly Network[]): string | null {
  if (text.length > MAX_URL_LENGTH) return `url may have ${MAX_URL_LENGTH} characters.`
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    return 'url must be an absolute URL with https.'
  }
  if (url.username !== '' || url.password !== '') {
    return 'url must not hold a user or a password: what arrives is proven by its signature.'
  }
  if (url.hash !== '') return 'url must not have a fragment: it would not be sent.'
  if (url.protocol === 'http:' && allowed.length === 0) return 'url must have https.'
  const address = literalAddress(url)
  if (address === null || mayCall(address, url.protocol, allowed)) return null
  if (url.protocol === 'http:' && mayCall(address, 'https:', allowed)) {
    return 'url must have https: its address is not in ROLLCALL_WEBHOOK_ALLOWED_NETWORKS.'
  }
  return `url leads to ${address}, which is not public: ROLLCALL_WEBHOOK_ALLOWED_NETWORKS can allow it.`
}
