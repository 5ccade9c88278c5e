/** The little DER (X.690) that a seal and its time stamp need: writing a few types, and a strict reader. */
export interface DerValue {
  /** First octet: class, form and number. */
  tag: number
  content: Uint8Array
  /** Tag, length and content. */
  whole: Uint8Array
}

/** Not the DER that was expected. */
export class NotDer extends Error {
  constructor(message = 'not DER of the expected form') {
    super(message)
    this.name = 'NotDer'
  }
}

export function derTagged(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff]
  if (length > 0xffff) throw new NotDer('longer than this writer supports')
  return Buffer.concat([Uint8Array.from(head), content])
}

export function derSequence(...parts: Uint8Array[]): Uint8Array {
  return derTagged(0x30, ...parts)
}

/** A positive INTEGER from its big-endian bytes. */
export function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const minimal = bytes.subarray(start)
  return derTagged(0x02, (minimal[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(), minimal)
}

/** Reads exactly one value: nothing may follow it. Lengths must be definite and minimal. */
export function readDer(bytes: Uint8Array): DerValue {
  const { value, end } = readAt(bytes, 0)
  if (end !== bytes.length) throw new NotDer()
  return value
}

/** The values inside a constructed value. */
export function derChildren(value: DerValue | undefined): DerValue[] {
  if (!value || (value.tag & 0x20) === 0) throw new NotDer()
  const children: DerValue[] = []
  for (let at = 0; at < value.content.length; ) {
    const { value: child, end } = readAt(value.content, at)
    children.push(child)
    at = end
  }
  return children
}

function readAt(bytes: Uint8Array, at: number): { value: DerValue; end: number } {
  const tag = bytes[at]
  const first = bytes[at + 1]
  // High tag numbers do not occur in what is read here.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || first === 0x80) throw new NotDer()
  let length = first
  let start = at + 2
  if (first > 0x80) {
    const octets = first & 0x7f
    if (octets > 4 || start + octets > bytes.length) throw new NotDer()
    length = 0
    for (let octet = 0; octet < octets; octet++) length = length * 256 + (bytes[start + octet] ?? 0)
    if (length < 0x80 || bytes[start] === 0) throw new NotDer()
    start += octets
  }
  const end = start + length
  if (end > bytes.length) throw new NotDer()
  return { value: { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) }, end }
}
