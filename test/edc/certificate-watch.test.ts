import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealStandings } from '#core/edc/certificate-watch.ts'
import { watchSeals } from '#functions/watch-seals.ts'
import { academy } from '#test/edge/academy.ts'
import { world } from '#test/support/world.ts'
import { europeanFile } from './european-file.ts'
import { type TestAuthority, testAuthority } from './test-authority.ts'

let authority: TestAuthority
beforeAll(() => {
  authority = testAuthority()
}, 60_000)
afterAll(() => authority?.close())

const sealedBy = (wishes: Parameters<TestAuthority['seal']>[1]) => ({
  signingTime: 'iat' as const,
  keys: new Map([['north-lake', authority.seal('ES256', wishes)]]),
})

test.each([
  ['long', {}, { state: 'good', source: 'trust-service', claimsQualifiedSeal: false }],
  ['long and qualified', { qualified: true }, { state: 'good', claimsQualifiedSeal: true }],
  ['for thirty days more', { notAfter: '20261223090000Z' }, { state: 'expiring', daysLeft: 30 }],
  ['expired', { notAfter: '20261101000000Z' }, { state: 'unusable', problem: 'certificate: has expired.' }],
  [
    'of another body',
    { organizationIdentifier: 'VATFR-1' },
    { state: 'unusable', problem: expect.stringContaining('another legal identifier') },
  ],
  [
    'for encryption',
    { keyUsage: 'keyEncipherment' },
    { state: 'unusable', problem: expect.stringContaining('key usage') },
  ],
] as const)('a sealing certificate that is %s is told as such', async (_, wishes, expected) => {
  const w = await world()
  w.seals = sealedBy(wishes)
  const standings = await sealStandings(w, w.institutions.northLake.tag)
  expect(standings).toHaveLength(1)
  expect(standings[0]).toMatchObject(expected)
})

test('a seal whose key is gone is told as unusable, and nothing is sealed', async () => {
  const w = await world()
  const { award } = await w.award()
  w.signers = { ...w.signers, active: () => Promise.reject(new Error('the key is gone')) }
  expect((await sealStandings(w, w.institutions.northLake.tag))[0]).toMatchObject({ state: 'unusable' })
  await expect(europeanFile(w.actor('registrar'), award.id, w)).rejects.toThrow('the key is gone')
})

test('the log hears of it once a day, and of good ones never', async () => {
  const w = await world()
  w.seals = sealedBy({ notAfter: '20261223090000Z' })
  const lines: Record<string, unknown>[] = []
  const look = watchSeals(w, (line) => lines.push(line))
  await look()
  await look()
  expect(lines).toEqual([
    {
      level: 'warn',
      event: 'seal-certificate',
      institution: 'north-lake',
      state: 'expiring',
      source: 'trust-service',
      daysLeft: 30,
    },
  ])
  w.clock.advance({ days: 31 })
  await look()
  expect(lines.at(-1)).toMatchObject({ level: 'error', state: 'unusable' })
})

test('registrars see their own, the platform all; nobody else any; and /readyz counts them', async () => {
  const { graphql, tokenOf, request, ports } = await academy()
  ports.seals = sealedBy({ notAfter: '20261223090000Z' })
  const ask = async (account: string) =>
    graphql('{ sealCertificates { state daysLeft source institution { slug } } }', {
      token: await tokenOf(account),
    })
  expect((await ask('registrar')).data?.['sealCertificates']).toMatchObject([
    { state: 'expiring', daysLeft: 30 },
  ])
  expect((await ask('platform')).data?.['sealCertificates']).toHaveLength(3)
  expect((await ask('learner')).errors?.[0]?.extensions?.code).toBe('not_allowed')
  expect(await (await request('/readyz')).json()).toMatchObject({
    seals: { good: 2, expiring: 1, unusable: 0 },
  })
})
