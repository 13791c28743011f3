// Bearer tokens in requests (RFC 6750 sections 2.1 and 3).

/** The token of an Authorization header; null where there is none of the Bearer scheme. */
export function bearerToken(authorization: string | undefined): string | null {
  const [scheme = '', token = '', ...more] = (authorization ?? '').trim().split(/\s+/)
  return scheme.toLowerCase() === 'bearer' && token !== '' && more.length === 0 ? token : null
}

/** No credentials, or those of another scheme: say only that a token is wanted. One that does not hold: say so. */
export const challenge = (authorization: string | undefined): string =>
  /^\s*bearer(?:\s|$)/i.test(authorization ?? '') ? 'Bearer error="invalid_token"' : 'Bearer'
