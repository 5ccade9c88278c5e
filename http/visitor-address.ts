import { BlockList, isIP } from 'node:net'

/** Proxies whose word on who visits is believed, as addresses and networks (`10.0.0.0/8`, `fd00::/8`). */
export type TrustedProxies = Pick<BlockList, 'check'>

/** Reads a list with commas; `undefined` where something in it is neither an address nor a network. */
export function trustedProxies(text: string): TrustedProxies | undefined {
  const list = new BlockList()
  for (const entry of text.split(',').map((one) => one.trim())) {
    const [address = '', prefix, more] = entry.split('/')
    const family = familyOf(address)
    const longest = family === 'ipv4' ? 32 : 128
    if (!family || more !== undefined) return undefined
    if (prefix === undefined) {
      list.addAddress(address, family)
      continue
    }
    // A network of everybody would let everybody say who they are.
    if (!/^\d{1,3}$/.test(prefix) || Number(prefix) < 1 || Number(prefix) > longest) return undefined
    list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/**
 * Who visits: the other end of the socket, unless that is a trusted proxy. Each proxy adds to the right of
 * `X-Forwarded-For` whom it heard from, so the first from the right that is no trusted proxy is the visitor; what
 * stands further left, anybody may have written. What is no address ends the search at the last one known.
 */
export function visitorAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies | undefined,
): string | undefined {
  const from = bareAddress(peer)
  if (!trusted || from === undefined || !isTrusted(from, trusted)) return from ?? peer
  let visitor = from
  for (const entry of (forwardedFor ?? '').split(',').reverse()) {
    const address = bareAddress(entry)
    if (address === undefined) return visitor
    visitor = address
    if (!isTrusted(address, trusted)) return visitor
  }
  return visitor
}

/** An address without port, brackets, zone and the prefix of an IPv4 address in IPv6; `undefined` if it is none. */
export function bareAddress(text: string | undefined): string | undefined {
  const trimmed = (text ?? '').trim()
  const withPort =
    /^\[([^\]]*)\](?::\d{1,5})?$/.exec(trimmed) ?? /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(trimmed)
  const address = (withPort?.[1] ?? trimmed).replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) === 0 ? undefined : address
}

const isTrusted = (address: string, trusted: TrustedProxies) => trusted.check(address, familyOf(address))

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)]
}
