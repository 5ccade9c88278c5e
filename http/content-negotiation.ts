/**
 * The offer a client likes best (RFC 9110 §12.5.1): for each offer the most specific range that names it counts;
 * the highest weight wins, among equals the first offer. `undefined` when none is acceptable.
 */
export function preferredType(accept: string | undefined, offers: readonly string[]): string | undefined {
  const ranges = parseAccept(accept ?? '*/*')
  let best: { offer: string; weight: number } | undefined
  for (const offer of offers) {
    const weight = weightOf(offer, ranges)
    if (weight > 0 && weight > (best?.weight ?? 0)) best = { offer, weight }
  }
  return best?.offer
}

interface Range {
  type: string
  weight: number
}

const maxHeader = 2000

function parseAccept(header: string): Range[] {
  // A quoted parameter may hold commas and semicolons; none of ours matters for the choice.
  const plain = header.slice(0, maxHeader).replace(/"(?:[^"\\]|\\.)*"/g, '')
  const ranges = plain.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const q = parameters.find((text) => text.startsWith('q='))?.slice(2)
    const weight = q === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q) : 0
    return { type, weight }
  })
  const known = ranges.filter(({ type }) => type !== '')
  // "A request without any Accept header field implies that the user agent will accept any media type."
  return known.length === 0 ? [{ type: '*/*', weight: 1 }] : known
}

function weightOf(offer: string, ranges: Range[]): number {
  for (const type of [offer, `${offer.split('/')[0]}/*`, '*/*']) {
    const found = ranges.filter((range) => range.type === type)
    if (found.length > 0) return Math.max(...found.map(({ weight }) => weight))
  }
  return 0
}

/** Whether `If-None-Match` names this entity tag (weak comparison, RFC 9110 §13.1.2). */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch
    .slice(0, maxHeader)
    .split(',')
    .some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag))
}
