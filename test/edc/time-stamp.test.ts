import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { httpTimeStamps } from '#adapters/tsa/http-time-stamp.ts'
import { derChildren, derSequence, derTagged, NotDer, readDer } from '#core/edc/der.ts'
import { readSeal } from '#core/edc/read-seal.ts'
import { checkTimeStamp, grantedToken, readTimeStamp, timeStampRequest } from '#core/edc/time-stamp.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import { verifyTimeStamp } from '#core/edc/verify-time-stamp.ts'
import { sealSample, stampsOf } from './sealing.ts'
import { type TestAuthority, testAuthority } from './test-authority.ts'

let authority: TestAuthority
let stranger: TestAuthority
let key: ReturnType<TestAuthority['seal']>
beforeAll(() => {
  authority = testAuthority()
  stranger = testAuthority()
  key = authority.seal('ES256')
}, 60_000)
afterAll(() => {
  authority?.close()
  stranger?.close()
})

/** A server of the test; answers its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const honest: RequestListener = (request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' })
    response.end(authority.stamp(Buffer.concat(parts)))
  })
}

describe('JAdES baseline T', () => {
  test('carries a stamp over the signature from the authority over HTTP, and stays a valid seal', async () => {
    const timeStamps = httpTimeStamps(await serve(honest), [authority.root()])
    const { text, level } = await sealSample(key, { timeStamps })
    expect(level).toBe('JAdES-BASELINE-T')
    const [signature] = readSeal(text).signatures
    if (!signature) throw new Error('no signature')
    expect(await verifySealSignature(signature)).toBe(true)
    expect(signature.timeStamps).toHaveLength(1)
    const [token] = signature.timeStamps as [Uint8Array]
    const { imprint, at } = readTimeStamp(token)
    expect(Buffer.from(imprint)).toEqual(
      timeStampRequest(Buffer.from(signature.signatureText), Buffer.from([1])).imprint,
    )
    expect(verifyTimeStamp(token, at, [authority.tsa()])).toBe(true)
  })

  test.each<[string, RequestListener, string]>([
    ['is down', (request) => request.socket.destroy(), 'cannot be reached'],
    ['answers 500', (_, response) => void response.writeHead(500).end(), 'did not answer with a time stamp'],
    [
      'answers a page',
      (_, response) => void response.setHeader('content-type', 'text/html').end('<html>'),
      'did not answer with a time stamp',
    ],
    [
      'redirects',
      (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'cannot be reached',
    ],
    [
      'answers without end',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/timestamp-reply' })
        const more = () => {
          if (!response.destroyed) response.write(Buffer.alloc(16_384), () => setTimeout(more, 1))
        }
        more()
      },
      'too large',
    ],
    [
      'answers rubbish',
      (_, response) =>
        void response.setHeader('content-type', 'application/timestamp-reply').end(randomBytes(500)),
      'cannot be read',
    ],
  ])('is refused, and nothing handed out, when the authority %s', async (_, listener, why) => {
    const timeStamps = httpTimeStamps(await serve(listener), [authority.root()])
    await expect(sealSample(key, { timeStamps })).rejects.toMatchObject({
      code: 'time_stamp_unavailable',
      message: expect.stringContaining(why),
    })
  })

  test('is refused when nobody listens', async () => {
    const timeStamps = httpTimeStamps('http://127.0.0.1:1/', [authority.root()])
    await expect(sealSample(key, { timeStamps })).rejects.toMatchObject({ code: 'time_stamp_unavailable' })
  })

  test('is refused when the stamp is about something else', async () => {
    const other = timeStampRequest(Buffer.from('something else'), randomBytes(16)).der
    const timeStamps = { anchors: [authority.root()], request: async () => authority.stamp(other) }
    await expect(sealSample(key, { timeStamps })).rejects.toThrow('about something else')
  })

  test('is refused when an old answer is played again', () => {
    const request = timeStampRequest(Buffer.from('signature'), Buffer.from([1, 2, 3]))
    const token = grantedToken(authority.stamp(request.der))
    const now = new Date()
    expect(checkTimeStamp(token, request, now).imprint).toEqual(request.imprint)
    const again = timeStampRequest(Buffer.from('signature'), Buffer.from([1, 2, 4]))
    expect(() => checkTimeStamp(token, again, now)).toThrow('answers another request')
    const later = new Date(now.getTime() + 400_000)
    expect(() => checkTimeStamp(token, request, later)).toThrow('five minutes')
  })

  test('is refused when a stranger stamped', async () => {
    const timeStamps = { ...stampsOf(stranger), anchors: [authority.root()] }
    await expect(sealSample(key, { timeStamps })).rejects.toThrow('not signed by the chosen authority')
  })

  test('is refused when the request was rejected', async () => {
    const timeStamps = {
      anchors: [authority.root()],
      request: async () => authority.stamp(Buffer.from('30030201ff', 'hex')),
    }
    await expect(sealSample(key, { timeStamps })).rejects.toThrow('did not grant the request')
  })
})

describe('a time stamp token', () => {
  test('with any byte of what it signs changed does not verify', () => {
    const request = timeStampRequest(Buffer.from('signature'), randomBytes(16))
    const token = grantedToken(authority.stamp(request.der))
    const { at } = readTimeStamp(token)
    expect(verifyTimeStamp(token, at, [authority.root()])).toBe(true)
    const where = Buffer.from(token).indexOf(Buffer.from(request.imprint))
    const changed = Buffer.from(token)
    changed[where] = (changed[where] ?? 0) ^ 1
    expect(verifyTimeStamp(changed, at, [authority.root()])).toBe(false)
    const signature = Buffer.from(token)
    signature[token.length - 1] = (signature[token.length - 1] ?? 0) ^ 1
    expect(verifyTimeStamp(signature, at, [authority.root()])).toBe(false)
  })

  test('carries ten certificates and 64 KiB at most: to look at more would be somebody else’s time', () => {
    const token = grantedToken(
      authority.stamp(timeStampRequest(Buffer.from('signature'), randomBytes(16)).der),
    )
    const { at } = readTimeStamp(token)
    const [type, explicit] = derChildren(readDer(token))
    const parts = derChildren(derChildren(explicit)[0])
    // The certificates are not signed: whoever passes a token on may add to them.
    const withCertificates = (times: number) => {
      const more = parts.map(({ tag, whole, content }) =>
        tag === 0xa0 ? derTagged(0xa0, ...Array.from({ length: times }, () => content)) : whole,
      )
      return derSequence(type?.whole ?? new Uint8Array(), derTagged(0xa0, derSequence(...more)))
    }
    expect(verifyTimeStamp(withCertificates(2), at, [authority.root()])).toBe(true)
    expect(verifyTimeStamp(withCertificates(11), at, [authority.root()])).toBe(false)
  })

  test('of a certificate that may not stamp, or outside its validity, does not verify', () => {
    const token = grantedToken(authority.stamp(timeStampRequest(Buffer.from('x'), randomBytes(16)).der))
    expect(verifyTimeStamp(token, new Date(), [stranger.root()])).toBe(false)
    expect(verifyTimeStamp(token, new Date(), [])).toBe(false)
    expect(verifyTimeStamp(token, new Date('2050-01-01'), [authority.root()])).toBe(false)
  })

  test('cut off anywhere throws or is false, never true', () => {
    const token = grantedToken(authority.stamp(timeStampRequest(Buffer.from('x'), randomBytes(16)).der))
    for (let length = 0; length < token.length; length += 199) {
      expect(verifyTimeStamp(token.subarray(0, length), new Date(), [authority.root()])).toBe(false)
      expect(() => readTimeStamp(token.subarray(0, length))).toThrow(NotDer)
    }
  })
})

describe('the adapter', () => {
  test.each(['http://stamps.example/', 'ftp://stamps.example/', 'http://127.0.0.1.example/'])(
    'does not take the address %s',
    (address) => {
      expect(() => httpTimeStamps(address, [])).toThrow('must be https')
    },
  )
})

describe('our DER reader', () => {
  test.each([
    ['nothing', ''],
    ['an indefinite length', '3080020101 0000'],
    ['a length that is too long for its value', '30810302 0101'],
    ['a length with a leading zero', '308200030201 01'],
    ['more bytes than the length', '3003020101ff'],
    ['fewer bytes than the length', '3004020101'],
    ['a length of five octets', '30850000000000'],
    ['a high tag number', '1f8101 00'],
  ])('refuses %s', (_, hex) => {
    expect(() => readDer(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(NotDer)
  })
})
