import { describe, expect, test } from 'vitest'
import { type Manifest, signManifest, verifyManifest } from '#core/practicals/manifest.ts'

const key = new Uint8Array(32).fill(1)
const from = new Date('2026-11-23T09:00:00Z')
const to = new Date('2026-11-23T09:01:00Z')
const hex = (digit: string) => digit.repeat(64)

const honest: Manifest = {
  iss: 'grade',
  attemptId: 'k3vq7m2a-att-1',
  runKey: 'ska-aaaaaaaaaaaaaaaaaaaaaaaa',
  nonce: 'nonce-of-this-run',
  specHash: hex('a'),
  graderSha256: hex('c'),
  hardware: { cpu: 'Test', cores: 2, memoryGiB: 4 },
  artefactSha256: hex('b'),
  sanity: [{ name: 'outputs_match_reference', held: true }],
  metrics: [{ name: 'ratio', value: 2, unit: '1' }],
  startedAt: from.getTime() / 1000,
  endedAt: to.getTime() / 1000,
}
const expected = {
  attemptId: honest.attemptId,
  runKey: honest.runKey,
  nonce: honest.nonce,
  specHash: honest.specHash,
  graderSha256: honest.graderSha256,
  imageDigest: undefined,
  artefactSha256: honest.artefactSha256,
  startedAt: from,
  endedAt: to,
  bounds: { ratio: 60 },
}
const judge = (text: string) => verifyManifest(text, key, expected, 'digest')
const lie = (change: Partial<Manifest>) => judge(signManifest({ ...honest, ...change }, key))
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a manifest', () => {
  test('that is honest is valid and says what was measured', () => {
    expect(judge(signManifest(honest, key))).toEqual({
      verdict: 'valid',
      sha256: 'digest',
      claims: { sanity: honest.sanity, metrics: honest.metrics },
    })
  })

  test.each<[string, Partial<Manifest>, string]>([
    ['of another attempt', { attemptId: 'another' }, 'attemptId'],
    ['of another run', { runKey: 'ska-bbbbbbbbbbbbbbbbbbbbbbbb' }, 'runKey'],
    ['replayed from another run', { nonce: 'nonce-of-another-run' }, 'nonce'],
    ['of another version of the practical', { specHash: hex('0') }, 'specHash'],
    ['of another grader', { graderSha256: hex('0') }, 'graderSha256'],
    ['from an image where none was used', { imageDigest: `sha256:${hex('d')}` }, 'imageDigest'],
    ['about another artefact', { artefactSha256: hex('0') }, 'artefactSha256'],
    ['from before the job', { startedAt: honest.startedAt - 61 }, 'startedAt'],
    ['from after the job', { endedAt: honest.endedAt + 61 }, 'endedAt'],
    ['that ends before it begins', { endedAt: honest.startedAt - 1 }, 'endedAt'],
    ['no machine could reach', { metrics: [{ name: 'ratio', value: 61, unit: '1' }] }, 'metric ratio'],
    ['with a negative speed', { metrics: [{ name: 'other', value: -1, unit: '1' }] }, 'metric other'],
  ])('%s is invalid', (_title, change, reason) => {
    expect(lie(change)).toEqual({ verdict: 'invalid', reason })
  })

  test('may leave the scheduler’s window by a minute, as clocks do', () => {
    expect(lie({ startedAt: honest.startedAt - 59, endedAt: honest.endedAt + 59 }).verdict).toBe('valid')
  })

  test('signed with another key is invalid', () => {
    expect(judge(signManifest(honest, new Uint8Array(32).fill(2)))).toMatchObject({ reason: 'signature' })
  })

  test('with any changed character is invalid', () => {
    const text = signManifest(honest, key)
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A'
      const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`
      // The last character of base64url holds spare bits: a change of those alone is the same signature.
      if (at === text.length - 1) continue
      expect(judge(changed).verdict).toBe('invalid')
    }
  })

  const [, payload = ''] = signManifest(honest, key).split('.')
  test.each([
    ['nothing', ''],
    ['no token', 'hello'],
    ['alg none', `${encoded({ alg: 'none' })}.${payload}.`],
    ['another header', `${encoded({ alg: 'HS512', typ: 'manifest+jwt' })}.${payload}.AAAA`],
    ['four parts', `${signManifest(honest, key)}.x`],
    ['a signed array', signManifest([] as unknown as Manifest, key)],
    ['an unknown member', signManifest({ ...honest, more: 1 } as Manifest, key)],
    ['not a number', signManifest({ ...honest, startedAt: Number.NaN }, key)],
    [
      'huge lists',
      signManifest(
        { ...honest, metrics: Array.from({ length: 21 }, () => ({ name: 'a', value: 1, unit: '1' })) },
        key,
      ),
    ],
  ])('made of %s is invalid', (_title, text) => {
    expect(judge(text).verdict).toBe('invalid')
  })
})
