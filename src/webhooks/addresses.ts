// Which addresses an endpoint's URL may lead to: public ones, and those that the configuration allows. Nobody who may
// name a URL reaches the network that the service stands in, its own machine or its cloud's metadata (SSRF).
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.parse>
export type Network = readonly [Address, number]

/** Addresses or networks, such as 10.0.0.0/8 or ::1. Throws for anything else. */
export const parseNetworks = (texts: readonly string[]): readonly Network[] =>
  texts.map((text) => {
    if (text.includes('/')) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  })

/** What IANA calls global unicast; the rest of IPv6, such as ::127.0.0.1, is nobody's or reaches IPv4 by detours. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')

/** Public by its number, but answered by the machine's own cloud (Azure): no receiver of anybody's. */
const CLOUD_INTERNAL = ipaddr.parseCIDR('168.63.129.16/32')

/** An address of the Internet at large: not private, loopback, link-local, shared, multicast, reserved or a tunnel. */
export function isPublicAddress(text: string): boolean {
  const address = parse(text)
  if (address === null || address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' ? !isWithin(address, CLOUD_INTERNAL) : isWithin(address, GLOBAL_UNICAST)
}

/**
 * Whether a URL with this protocol may lead to the address: https to public ones, and both to allowed networks. What
 * goes over http can be read on its way, so that it is for networks that the operator has named.
 */
export function mayCall(text: string, protocol: string, allowed: readonly Network[]): boolean {
  const address = parse(text)
  if (address === null) return false
  if (allowed.some((network) => isWithin(address, network))) return true
  return protocol === 'https:' && isPublicAddress(text)
}

/** An IPv4 address in IPv6's clothes (::ffff:…) is judged as what it is. */
function parse(text: string): Address | null {
  // the parser takes ::1.2.3.4, which is another address and nobody's, for ::ffff:1.2.3.4
  if (isIP(text) === 0 || /^::\d+\./.test(text)) return null
  return ipaddr.process(text)
}

const isWithin = (address: Address, [network, bits]: Network): boolean =>
  address.kind() === network.kind() && address.match(network, bits)
