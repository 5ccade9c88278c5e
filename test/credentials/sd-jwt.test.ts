import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textToBase64Url } from '#core/jose/base64url.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'
import { Malformed } from '#core/jose/malformed.ts'
import { discloseClaims, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import { disclosable, writeSdJwt } from '#core/sd-jwt/write-sd-jwt.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signRaw = (bytes: Uint8Array) => derToRaw(sign('sha256', bytes, privateKey))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const digest = (text: string) => createHash('sha256').update(text).digest('base64url')

const oracle = new SDJwtInstance({
  signer: (data) => Buffer.from(signRaw(Buffer.from(data))).toString('base64url'),
  verifier: (data, signature) =>
    verify(
      'sha256',
      Buffer.from(data),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  signAlg: 'ES256',
  hasher: (data) => sha256(typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data)),
  hashAlg: 'sha-256',
  saltGenerator: (length) => randomBytes(length).toString('hex'),
})

const write = (payload: Record<string, unknown>, decoys = 0) =>
  writeSdJwt({ header: { alg: 'ES256', typ: 'dc+sd-jwt' }, payload, decoys }, randomBytes, signRaw)

async function open(token: string) {
  const { jws, disclosures } = parseSdJwt(token)
  return discloseClaims(jws.payload, disclosures, digest)
}

async function reasonOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Malformed) return error.reason
    throw error
  }
  return 'accepted'
}

const skills = [disclosable({ id: 'a', level: 2 }), disclosable({ id: 'b', level: disclosable(3) })]
const marked = {
  iss: 'i',
  family_name: disclosable('Lovelace'),
  skills,
  course: { title: disclosable('HPC'), eqf: 6 },
}
const plain = {
  iss: 'i',
  family_name: 'Lovelace',
  skills: [
    { id: 'a', level: 2 },
    { id: 'b', level: 3 },
  ],
  course: { title: 'HPC', eqf: 6 },
}

describe('writer', () => {
  test('@sd-jwt verifies what we write and finds the same claims', async () => {
    const verified = await oracle.verify(await write(marked, 3))
    expect(verified.payload).toEqual(plain)
  })

  test('nothing marked is readable in the signed part', async () => {
    const { jws } = parseSdJwt(await write(marked))
    // With their quotation marks: a digest may hold three letters by chance.
    expect(JSON.stringify(jws.payload)).not.toMatch(/"Lovelace"|"HPC"|"level"/)
    expect(jws.payload).toMatchObject({ iss: 'i', course: { eqf: 6 }, _sd_alg: 'sha-256' })
  })

  test('salts have 128 bits or more, fresh each time, and digests are sorted', async () => {
    const salts = new Set<string>()
    for (let round = 0; round < 20; round++) {
      const { jws, disclosures } = parseSdJwt(await write(marked, 5))
      for (const { text } of disclosures) {
        const [salt] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string]
        expect(Buffer.from(salt, 'base64url').length).toBeGreaterThanOrEqual(16)
        salts.add(salt)
      }
      const digests = jws.payload['_sd'] as string[]
      expect(digests).toEqual([...digests].sort())
      expect(digests).toHaveLength(1 + 5)
    }
    expect(salts.size).toBe(20 * 5)
  })

  test('a claim with a reserved name is a defect of ours and never signed', async () => {
    await expect(write({ '...': 1 })).rejects.toThrow('may not be called')
    await expect(write({ a: { _sd: disclosable(1) } })).rejects.toThrow('may not be called')
  })
})

describe('reader', () => {
  test('we read what @sd-jwt writes, with decoys and hidden parts of hidden parts', async () => {
    const token = await oracle.issue(plain, {
      _sd: ['family_name', 'skills'],
      _sd_decoy: 2,
      skills: { _sd: [0, 1], 1: { _sd: ['level'] } },
      course: { _sd: ['title'] },
    })
    const opened = await open(token)
    expect(opened.claims).toEqual(plain)
    expect(opened.disclosed.sort()).toEqual(
      ['course.title', 'family_name', 'skills', 'skills.0', 'skills.1', 'skills.1.level'].sort(),
    )
    expect(opened.hidden).toBe(2)
  })

  test('any object survives being written with random parts hidden', async () => {
    const mark = (value: unknown, seed: number): unknown => {
      if (Array.isArray(value))
        return value.map((v, i) =>
          ((seed >> i) & 1) === 1 ? disclosable(mark(v, seed >> 1)) : mark(v, seed >> 1),
        )
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value).map(([k, v], i) => [
          k,
          ((seed >> i) & 1) === 1 ? disclosable(mark(v, seed >> 1)) : mark(v, seed >> 1),
        ]),
      )
    }
    const name = fc.string({ maxLength: 8 }).filter((n) => !['_sd', '...', '_sd_alg'].includes(n))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('array'),
        tie('object'),
      ),
      array: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }))
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true }),
        fc.nat(),
        async (claims, seed) => {
          const opened = await open(await write(mark(claims, seed) as Record<string, unknown>))
          expect(JSON.stringify(sorted(opened.claims))).toEqual(JSON.stringify(sorted(claims)))
        },
      ),
      { numRuns: 150 },
    )
  })

  test('claims whose disclosures are left away stay hidden', async () => {
    const [jwt, ...disclosures] = (await write(marked)).split('~')
    const kept = disclosures.filter((text) =>
      Buffer.from(text, 'base64url').toString().includes('family_name'),
    )
    const opened = await open(`${jwt}~${kept.join('~')}~`)
    expect(opened.claims).toEqual({ iss: 'i', family_name: 'Lovelace', skills: [], course: { eqf: 6 } })
    expect(opened.hidden).toBe(3)
  })

  test('the key binding JWT and the text it must cover are told apart', async () => {
    const token = await write(marked)
    const presented = await oracle.present(token, { family_name: true })
    const binding = `${textToBase64Url('{"alg":"ES256","typ":"kb+jwt"}')}.${textToBase64Url('{"nonce":"n"}')}.${'A'.repeat(86)}`
    const parsed = parseSdJwt(`${presented}${binding}`)
    expect(parsed.keyBinding).toMatchObject({ header: { typ: 'kb+jwt' }, payload: { nonce: 'n' } })
    expect(Buffer.from(parsed.boundText).toString()).toBe(presented)
    expect(parsed.disclosures).toHaveLength(1)
  })

  const d = (...parts: unknown[]) => textToBase64Url(JSON.stringify(parts))
  const name = d('salt', 'a', 1)
  const element = d('salt', 1)
  const make = async (payload: object, ...disclosures: string[]) => {
    const jwt = (await writeSdJwt({ header: { alg: 'ES256' }, payload: {} }, randomBytes, signRaw)).split('.')
    return `${jwt[0]}.${textToBase64Url(JSON.stringify(payload))}.${jwt[2]?.replace('~', '')}~${disclosures.map((x) => `${x}~`).join('')}`
  }

  test.each<[string, object, string[], string]>([
    ['a disclosure that matches nothing', {}, [name], 'disclosure_unmatched'],
    ['a disclosure sent twice', { _sd: [digest(name)] }, [name, name], 'disclosure_duplicate'],
    [
      'a digest that stands twice',
      { _sd: [digest(name)], b: { _sd: [digest(name)] } },
      [name],
      'disclosure_duplicate',
    ],
    ['a decoy that stands twice', { _sd: ['x', 'x'] }, [], 'disclosure_duplicate'],
    [
      'a disclosed claim that is already there',
      { a: 0, _sd: [digest(name)] },
      [name],
      'disclosure_duplicate',
    ],
    [
      'a disclosed claim called _sd',
      { _sd: [digest(d('s', '_sd', 1))] },
      [d('s', '_sd', 1)],
      'reserved_name',
    ],
    [
      'a disclosed claim called ...',
      { _sd: [digest(d('s', '...', 1))] },
      [d('s', '...', 1)],
      'reserved_name',
    ],
    ['an array disclosure in an object', { _sd: [digest(element)] }, [element], 'disclosure_invalid'],
    ['an object disclosure in an array', { l: [{ '...': digest(name) }] }, [name], 'disclosure_invalid'],
    [
      'a hidden element with more members',
      { l: [{ '...': digest(element), x: 1 }] },
      [element],
      'reserved_name',
    ],
    ['a member called ... outside of an array', { '...': 'x' }, [], 'reserved_name'],
    ['another hash', { _sd_alg: 'sha-512', _sd: [] }, [], 'hash_not_supported'],
    ['digests that are no list', { _sd: 'x' }, [], 'disclosure_invalid'],
    ['a digest that is no text', { _sd: [1] }, [], 'disclosure_invalid'],
    ['a disclosure that is no JSON', {}, ['YWJj'], 'disclosure_invalid'],
    ['a disclosure with padding', {}, [`${name}=`], 'disclosure_invalid'],
    ['a disclosure of four parts', {}, [d('s', 'a', 1, 2)], 'disclosure_invalid'],
    ['a disclosure whose salt is no text', {}, [d(1, 'a', 1)], 'disclosure_invalid'],
    ['too many disclosures', {}, Array.from({ length: 501 }, () => name), 'too_large'],
    ['claims nested too deeply', { a: nested(30) }, [], 'too_deep'],
  ])('%s is refused', async (_what, payload, disclosures, reason) => {
    const token = await make(payload, ...disclosures)
    expect(await reasonOf(() => open(token))).toBe(reason)
  })

  test('a text without a tilde is no SD-JWT', async () => {
    expect(await reasonOf(() => parseSdJwt('e30.e30.e30'))).toBe('not_compact')
  })
})

function nested(depth: number): object {
  return depth === 0 ? {} : { a: nested(depth - 1) }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => [k, sorted(v)])
}
