import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareAddress, trustedProxies, visitorAddress } from '#http/visitor-address.ts'

const proxies = trustedProxies('127.0.0.1, 10.0.0.0/8, fd00::/8')

describe('who visits', () => {
  test.each([
    ['nobody is trusted', '203.0.113.9', '198.51.100.1', undefined, '203.0.113.9'],
    ['the visitor is no proxy', '203.0.113.9', '198.51.100.1', proxies, '203.0.113.9'],
    ['the proxy says whom it heard', '10.0.0.2', '198.51.100.1', proxies, '198.51.100.1'],
    ['the visitor claims another', '10.0.0.2', '192.0.2.66, 198.51.100.1', proxies, '198.51.100.1'],
    ['the visitor claims to be a proxy', '10.0.0.2', '10.9.9.9, 198.51.100.1', proxies, '198.51.100.1'],
    ['two proxies in a row', '127.0.0.1', '192.0.2.66, 198.51.100.1, 10.0.0.2', proxies, '198.51.100.1'],
    ['a port is added', '10.0.0.2', '198.51.100.1:51234', proxies, '198.51.100.1'],
    ['IPv6 with brackets and port', '::ffff:10.0.0.2', '[2001:db8::7]:443', proxies, '2001:db8::7'],
    ['IPv6 from a proxy of IPv6', 'fd00::1', '2001:db8::7', proxies, '2001:db8::7'],
    ['the proxy itself asks', '127.0.0.1', undefined, proxies, '127.0.0.1'],
    ['no address is named', '10.0.0.2', '198.51.100.1, unknown', proxies, '10.0.0.2'],
    ['an empty header', '10.0.0.2', '', proxies, '10.0.0.2'],
    ['there is no socket', undefined, '198.51.100.1', proxies, undefined],
  ])('%s', (_what, peer, forwardedFor, trusted, visitor) => {
    expect(visitorAddress(peer, forwardedFor, trusted)).toBe(visitor)
  })

  test('whatever a visitor writes, what the proxy adds to its right decides', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.ipV4(), (written, visitor) => {
        fc.pre(!visitor.startsWith('10.') && visitor !== '127.0.0.1')
        expect(visitorAddress('10.0.0.2', `${written}, ${visitor}`, proxies)).toBe(visitor)
        // And without a proxy nothing does.
        expect(visitorAddress(visitor, written, proxies)).toBe(visitor)
      }),
    )
  })
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7:80 ', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['192.0.2.7:port', undefined],
  ['_hidden', undefined],
  ['300.1.1.1', undefined],
  [undefined, undefined],
])('%s is the address %s', (text, address) => {
  expect(bareAddress(text)).toBe(address)
})

test.each(['', 'caddy', '10.0.0.0/33', '10.0.0.0/', '0.0.0.0/0', '::/0', '10.0.0.0/8/8', '10.0.0.1;::1'])(
  'a list with "%s" is none',
  (text) => {
    expect(trustedProxies(text)).toBeUndefined()
  },
)
