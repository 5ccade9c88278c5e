import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { sealStandings } from '#core/edc/certificate-watch.ts'
import { readSeal } from '#core/edc/read-seal.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { readAwsSettings } from '#functions/aws-settings.ts'
import { secretSeals } from '#functions/secret-seals.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { europeanFile } from '#test/edc/european-file.ts'
import { type TestAuthority, testAuthority } from '#test/edc/test-authority.ts'
import { world } from '#test/support/world.ts'

let authority: TestAuthority
beforeAll(() => {
  authority = testAuthority()
}, 60_000)
afterAll(() => authority?.close())

/** An academy on AWS whose North Lake has a key of a trust service; what its secret holds can be changed. */
async function academy() {
  const w = await world()
  const secret = { text: '' as string | Error, read: [] as string[] }
  const readText = async (name: string) => {
    secret.read.push(name)
    if (secret.text instanceof Error) throw secret.text
    return secret.text
  }
  const parts = { slugs: ['north-lake'], prefix: 'academy/seals/' }
  const keys = secretSeals(parts, { readText, clock: w.clock })
  w.seals = { signingTime: 'iat', keys }
  const { award } = await w.award()
  return { w, keys, secret, file: () => europeanFile(w.actor('registrar'), award.id, w) }
}

test('a key in a secret seals and verifies, read once, and anew after an hour', async () => {
  const { w, keys, secret, file } = await academy()
  const [key, renewed] = [authority.seal('ES256'), authority.seal('ES256')]
  secret.text = authority.pem(key)
  const { text } = await file()
  expect(readSeal(text).signatures[0]).toMatchObject({ x5c: key.x5c })
  expect(await verifyCredential(text, {}, w)).toMatchObject({ verified: true })
  expect(secret.read).toEqual(['academy/seals/north-lake'])
  secret.text = authority.pem(renewed)
  w.clock.advance({ hours: 1 })
  expect(await keys.get('north-lake')).toMatchObject({ x5c: renewed.x5c })
  expect(secret.read).toHaveLength(2)
  expect(await keys.get('institut-du-port')).toBeUndefined()
})

test.each([
  ['holds what was there first', 'r4nd0m', 'must hold exactly one private key'],
  ['cannot be read', new Error('denied'), 'cannot be read'],
])(
  'where the secret %s no other key seals, the page of seals says why, and the next one asks again',
  async (_, text, why) => {
    const { w, keys, secret, file } = await academy()
    secret.text = text
    const refusal = { code: 'signing_key_unavailable', message: expect.not.stringContaining('academy/') }
    await expect(file()).rejects.toMatchObject(refusal)
    const problem = expect.stringContaining(`the secret academy/seals/north-lake ${why}`)
    expect(await sealStandings(w, w.institutions.northLake.tag)).toMatchObject([
      { state: 'unusable', source: 'trust-service', problem },
    ])
    const key = authority.seal('ES256')
    secret.text = authority.pem(key)
    expect(await keys.get('north-lake')).toMatchObject({ x5c: key.x5c })
  },
)

test('a function reads whose seals are in secrets; one that is not told where seals nothing for them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-seals-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'institutions.json')
  const institutions = [{ ...northLake, sealKey: 'trust-service' }]
  writeFileSync(file, JSON.stringify({ institutions, anchors: [] }))
  const read = (more: object) =>
    readAwsSettings({
      ACADEMY_NAME: 'academy',
      MASTER_SECRET: 'its address',
      SIGNING_KEY_ALIASES: 'alias/academy-',
      INSTITUTIONS_FILE: file,
      ...more,
    }).seals
  expect(read({ SEAL_SECRETS: 'academy/seals/' })).toEqual({
    slugs: ['north-lake'],
    prefix: 'academy/seals/',
  })
  expect(() => read({ SEAL_SECRETS: 'academy' })).toThrow('SEAL_SECRETS: must be the beginning of the names')
  const { w } = await academy()
  const keys = secretSeals(read({}), { readText: () => Promise.reject(new Error('asked')), clock: w.clock })
  await expect(keys.get('north-lake')).rejects.toMatchObject({
    code: 'signing_key_unavailable',
    detail: 'this function was given no sealing keys',
  })
})
