import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSeal, sealedCredential } from '#core/edc/read-seal.ts'
import { readTimeStamp, timeStampRequest } from '#core/edc/time-stamp.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import { officialJudge } from '../edc/official-shapes.ts'
import { referencePath } from './reference-data.ts'

const samples = readdirSync(referencePath('edc', 'examples')).filter((name) =>
  name.endsWith('-signed.jsonld'),
)
const read = (name: string) => readFileSync(referencePath('edc', 'examples', name), 'utf8')
const official = officialJudge()

describe('official sealed samples', () => {
  test('are there', () => {
    expect(samples.length).toBeGreaterThanOrEqual(4)
  })

  test.each(samples)('%s is read, its signature verifies and its credential conforms', async (name) => {
    const sealed = readSeal(read(name))
    expect(sealed.signatures).toHaveLength(1)
    for (const signature of sealed.signatures) {
      expect(signature.alg).toBe('RS256')
      expect(await verifySealSignature(signature)).toBe(true)
    }
    // The official issuer writes terms its own context does not have; nothing may depend on them.
    expect(await official.judge(sealedCredential(sealed), false)).toEqual({ conforms: true, reasons: [] })
  })

  test.each(samples)('%s has a time stamp over its signature', (name) => {
    const [signature] = readSeal(read(name)).signatures
    const { imprint } = timeStampRequest(Buffer.from(signature?.signatureText ?? ''), Buffer.from([1]))
    expect(signature?.timeStamps.length).toBeGreaterThan(0)
    for (const token of signature?.timeStamps ?? []) {
      const info = readTimeStamp(token)
      expect(Buffer.from(info.imprint)).toEqual(imprint)
      expect(Math.abs(info.at.getTime() - (signature?.claimedAt.getTime() ?? 0))).toBeLessThan(3_600_000)
    }
  })

  test.each(samples)('%s with one letter of the credential changed does not verify', async (name) => {
    const [signature] = readSeal(read(name).replace('VATES-A00000000', 'VATES-B00000000')).signatures
    expect(signature && (await verifySealSignature(signature))).toBe(false)
  })
})
