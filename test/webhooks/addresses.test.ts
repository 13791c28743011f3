// A3 which addresses endpoints may have: each family of those that are not public, in every spelling.
import { describe, expect, test } from 'vitest'
import { isPublicAddress, mayCall, parseNetworks } from '../../src/webhooks/addresses.ts'
import { faultOfUrl } from '../../src/webhooks/url.ts'

const refused: Record<string, readonly string[]> = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1'],
  'shared by carriers (CGNAT)': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
  'unique local': ['fc00::1', 'fd00::1', 'fd00:ec2::254'],
  'site-local of old': ['fec0::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  'reserved or for documentation': [
    '192.0.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '2001:db8::1',
    '100::1',
  ],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254'],
  'IPv4-compatible': ['::127.0.0.1', '::10.0.0.1', '::8.8.8.8'],
  'translated to IPv4': ['64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '::ffff:0:127.0.0.1'],
  'tunnels to IPv4': ['2002:7f00:1::', '2001:0:7f00:1::'],
  'unassigned IPv6': ['4000::1', '8000::1', 'e000::1'],
  'of the cloud itself': ['168.63.129.16'],
  'no address': ['', 'localhost', '127.1', '0x7f.0.0.1', '10.0.0.1/8', '::1%eth0%x'],
}
const allowed = ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.63.255.255', '100.128.0.1']
const allowed6 = ['2606:4700:4700::1111', '2a00:1450:4001::200e', '::ffff:8.8.8.8']

describe('A3 only public addresses are called', () => {
  test.each(Object.entries(refused))('A3 %s: refused', (_, addresses) => {
    for (const address of addresses) {
      expect([address, isPublicAddress(address)]).toEqual([address, false])
      expect([address, mayCall(address, 'https:', [])]).toEqual([address, false])
    }
  })

  test('A3 public: allowed over https, and over http not', () => {
    for (const address of [...allowed, ...allowed6]) {
      expect([address, isPublicAddress(address)]).toEqual([address, true])
      expect([address, mayCall(address, 'https:', [])]).toEqual([address, true])
      expect([address, mayCall(address, 'http:', [])]).toEqual([address, false])
    }
  })

  test('A3 what the configuration allows is called over both, and nothing beside it', () => {
    const networks = parseNetworks(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1', '::1'])
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '127.0.0.1', '::1']) {
      expect([address, mayCall(address, 'http:', networks)]).toEqual([address, true])
      expect([address, mayCall(address, 'https:', networks)]).toEqual([address, true])
    }
    for (const address of ['10.2.0.1', 'fd00:2::5', '127.0.0.2', '::2', '169.254.169.254']) {
      expect([address, mayCall(address, 'https:', networks)]).toEqual([address, false])
    }
  })
})

describe('A3 a URL is judged before it is kept', () => {
  const none = parseNetworks([])

  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://①②⑦.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:ffff:169.254.169.254]/',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1:8443/hook',
  ])('A3 %s leads to an address that is not public', (url) => {
    expect(faultOfUrl(url, none)).toMatch(/not public/)
  })

  test.each([
    ['http://example.com/', /https/],
    ['http://8.8.8.8/', /https/],
    ['ftp://example.com/', /https/],
    ['javascript:alert(1)', /https/],
    ['example.com/hook', /absolute/],
    ['', /absolute/],
    ['https://', /absolute/],
    ['https://ann:secret@example.com/', /user or a password/],
    ['https://ann@example.com/', /user or a password/],
    ['https://example.com/#part', /fragment/],
    [`https://example.com/${'a'.repeat(2000)}`, /2000/],
  ])('A3 %.40s is refused, and not repeated', (url, fault) => {
    const text = faultOfUrl(url, none)
    expect(text).toMatch(fault)
    expect(text).not.toMatch(/secret|example/)
  })

  test.each(['https://example.com/hook?a=b', 'https://8.8.8.8/', 'https://[2606:4700:4700::1111]:8443/'])(
    'A3 %s is taken',
    (url) => {
      expect(faultOfUrl(url, none)).toBeNull()
    },
  )

  test('A3 http is for networks that the configuration names; a name is judged when it is resolved', () => {
    const networks = parseNetworks(['10.0.0.0/8'])
    expect(faultOfUrl('http://10.0.0.1/', networks)).toBeNull()
    expect(faultOfUrl('http://receiver.internal/', networks)).toBeNull()
    expect(faultOfUrl('http://8.8.8.8/', networks)).toMatch(/https/)
    expect(faultOfUrl('http://192.168.0.1/', networks)).toMatch(/not public/)
  })
})
