import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { aiSkillTypeMetadata } from '#core/credentials/type-metadata.ts'
import { rawToDer } from '#core/jose/ecdsa-signature.ts'
import { parsePublicJwk, thumbprint } from '#core/jose/jwk.ts'
import { type ParsedJws, parseJws } from '#core/jose/jws.ts'
import { discloseClaims, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import { world } from '#test/support/world.ts'
import { referencePath } from './reference-data.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
const isSignedBy = (jws: ParsedJws, jwk: object) =>
  verify(
    'sha256',
    jws.signingInput,
    createPublicKey({ key: jwk as never, format: 'jwk' }),
    rawToDer(jws.signature),
  )

/** A line break inside a JSON string is the page's, not the value's. */
function unwrapped(text: string): unknown {
  let out = ''
  let inside = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '"' && text[at - 1] !== '\\') inside = !inside
    if (inside && character === '\n') {
      while (/\s/.test(text[at + 1] ?? '')) at++
      continue
    }
    out += character
  }
  return JSON.parse(out)
}

const rfc = referencePath('vectors/sd-jwt/extracted')
const vc = referencePath('vectors/sd-jwt-vc/extracted')
const issuerKey = unwrapped(readFileSync(`${rfc}/052.txt`, 'utf8')) as { x: string }

const tokens = [rfc, vc].flatMap((folder) =>
  readdirSync(folder)
    .map(
      (file) =>
        [
          `${folder.split('/').at(-2)}/${file}`,
          readFileSync(`${folder}/${file}`, 'utf8').replace(/\s+/g, ''),
        ] as const,
    )
    .filter(([, text]) => /^eyJ[\w-]+\.[\w-]+\.[\w-]+~/.test(text)),
)

describe('RFC 9901 and SD-JWT VC', () => {
  test('there are printed tokens', () => {
    expect(tokens.length).toBeGreaterThan(8)
  })

  test.each(tokens)('%s: signature, every disclosure and the key binding agree', async (_name, text) => {
    const { jws, disclosures, keyBinding, boundText } = parseSdJwt(text)
    expect(isSignedBy(jws, parsePublicJwk(issuerKey))).toBe(true)
    const { claims, disclosed } = await discloseClaims(jws.payload, disclosures, digest)
    expect(disclosed).toHaveLength(disclosures.length)
    expect(JSON.stringify(claims)).not.toMatch(/"_sd"|"\.\.\."|"_sd_alg"/)
    if (!keyBinding) return
    const { cnf } = jws.payload as { cnf: { jwk: object } }
    expect(isSignedBy(keyBinding, parsePublicJwk(cnf.jwk))).toBe(true)
    expect(keyBinding.payload['sd_hash']).toBe(createHash('sha256').update(boundText).digest('base64url'))
  })

  // The verified payloads the documents print beside the presentations.
  test.each([
    ['022', '024'],
    ['035', '036'],
    ['039', '040'],
    ['044', '046'],
    ['050', '051'],
  ])('presentation %s shows exactly the claims of %s', async (presentation, printed) => {
    const { jws, disclosures } = parseSdJwt(
      readFileSync(`${rfc}/${presentation}.txt`, 'utf8').replace(/\s+/g, ''),
    )
    const { claims } = await discloseClaims(jws.payload, disclosures, digest)
    expect(claims).toEqual(unwrapped(readFileSync(`${rfc}/${printed}.txt`, 'utf8')))
  })
})

test('RFC 7515 A.3: the ES256 example is read and verifies', () => {
  const folder = referencePath('vectors/jose')
  const { jws, jwk } = JSON.parse(readFileSync(`${folder}/rfc7515-a3-es256.json`, 'utf8')) as {
    jws: string
    jwk: Record<string, string>
  }
  const { kty, crv, x, y } = jwk
  expect(isSignedBy(parseJws(jws), parsePublicJwk({ kty, crv, x, y }))).toBe(true)
})

test('RFC 9449: the thumbprint of the example key is the printed one', async () => {
  const folder = referencePath('vectors/jose')
  const { jwk, jkt } = JSON.parse(readFileSync(`${folder}/rfc9449-dpop.json`, 'utf8')) as {
    jwk: object
    jkt: string
  }
  expect(await thumbprint(parsePublicJwk(jwk), sha256)).toBe(jkt)
})

describe('the European learning credential', () => {
  const file = `${referencePath('vectors/eudi/type-metadata')}/learning_credential.json`
  const european = JSON.parse(readFileSync(file, 'utf8')) as {
    vct: string
    claims: { path: (string | null)[]; mandatory: boolean; sd: string }[]
  }

  test('our credential has every claim that type demands, hidden or plain as it says', async () => {
    const w = await world()
    const { award } = await w.award()
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const holderKey = parsePublicJwk(publicKey.export({ format: 'jwk' }))
    const { text } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey }, w)
    const { jws, disclosures } = parseSdJwt(text)
    const { claims, disclosed } = await discloseClaims(jws.payload, disclosures, digest)
    const top = european.claims.filter(({ path }) => path.length === 1)
    expect(top.length).toBeGreaterThan(15)
    for (const { path, mandatory, sd } of top) {
      const name = String(path[0])
      if (mandatory) expect(claims, name).toHaveProperty([name])
      if (claims[name] !== undefined)
        expect([name, disclosed.includes(name)]).toEqual([name, sd === 'always'])
    }
  })

  test('our type metadata name that type and repeat its rules for every claim we share', () => {
    const ours = JSON.parse(aiSkillTypeMetadata('https://academy.example').text) as typeof european & {
      aka_vcts: string[]
    }
    expect(ours.aka_vcts).toEqual([european.vct])
    const byPath = new Map(ours.claims.map((claim) => [JSON.stringify(claim.path), claim]))
    let shared = 0
    for (const { path, mandatory, sd } of european.claims) {
      const claim = byPath.get(JSON.stringify(path))
      if (!claim) continue
      shared++
      expect({ path, sd: claim.sd, mandatory: claim.mandatory ?? false }).toEqual({ path, sd, mandatory })
    }
    expect(shared).toBeGreaterThan(12)
  })
})
