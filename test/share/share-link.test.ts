import { describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { openShareLink } from '#core/share/open-share-link.ts'
import { shareAward, withdrawShareLink } from '#core/share/share-award.ts'
import { type SharePart, shareLinksPerLearner, shareParts } from '#core/share/share-link.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

const day = 86_400_000

async function academy({ collected = true } = {}): Promise<{ ports: World; award: Award; ada: Actor }> {
  const ports = await world()
  const { learner, actor } = await ports.learner()
  const { award } = await ports.award({ learner })
  if (collected) {
    const holderKey = makeKeyPair().jwk
    await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey }, ports)
  }
  return { ports, award, ada: actor }
}

const input = (ports: World, award: Award, show: SharePart[] = ['name', 'skills'], lifetimeDays = 30) => ({
  requestId: ports.requestId(),
  awardId: award.id,
  show,
  lifetimeDays,
})

test('whoever has the link sees a verdict and what its learner chose to show, and no more', async () => {
  const { ports, award, ada } = await academy()
  const { text, url } = await shareAward(ada, input(ports, award), ports)
  expect(url).toBe(`https://academy.example/v/${text}`)
  const { verification, credential } = await openShareLink(text, ports)
  expect(verification).toMatchObject({
    verified: true,
    holderProven: false,
    facts: {
      title: award.title.en,
      holder: { givenName: 'Ada', familyName: 'Example' },
      outcomes: [],
      evidence: [],
    },
  })
  expect(verification.facts?.skills.length).toBe(award.skills.length)
  expect(verification.facts?.grade).toBeUndefined()
  const shown = credential
    .split('~')
    .slice(1, -1)
    .map((one) => Buffer.from(one, 'base64url').toString())
  expect(shown.some((one) => one.includes('learner_identification'))).toBe(false)
})

test.each(shareParts)('the part %s alone verifies', async (part) => {
  const { ports, award, ada } = await academy()
  const { text } = await shareAward(ada, input(ports, award, [part]), ports)
  const { verification } = await openShareLink(text, ports)
  expect(verification.verified).toBe(true)
  expect(verification.facts?.holder).toEqual(
    part === 'name' ? { givenName: 'Ada', familyName: 'Example' } : {},
  )
  expect(verification.facts?.grade !== undefined).toBe(part === 'grade')
  expect(verification.facts?.studyTime !== undefined).toBe(part === 'course')
})

test('a link begins with its tenant and cannot be guessed; the records hold only its hash', async () => {
  const { ports, award, ada } = await academy()
  const { text, link } = await shareAward(ada, input(ports, award), ports)
  expect(text).toMatch(new RegExp(`^${award.tenant}\\.[A-Za-z0-9_-]{43}$`))
  const other = await shareAward(ada, input(ports, award), ports)
  expect(other.text).not.toBe(text)
  const stored = await ports.store.findShareLink(link.id)
  expect(JSON.stringify(stored)).not.toContain(text.slice(9))
})

test('repeating the request answers the same link; other input under its id is refused', async () => {
  const { ports, award, ada } = await academy()
  const asked = input(ports, award)
  const first = await shareAward(ada, asked, ports)
  expect(await shareAward(ada, asked, ports)).toEqual(first)
  expect(await ports.store.shareLinksOf(award.learnerId)).toHaveLength(1)
  await expect(shareAward(ada, { ...asked, lifetimeDays: 31 }, ports)).rejects.toMatchObject({
    code: 'request_conflict',
  })
})

describe('a link shows nothing', () => {
  const gone = { code: 'not_found' }

  test('once it has ended', async () => {
    const { ports, award, ada } = await academy()
    const { text } = await shareAward(ada, input(ports, award, [], 1), ports)
    ports.clock.set(new Date(ports.clock.now().getTime() + day - 1000))
    await openShareLink(text, ports)
    ports.clock.set(new Date(ports.clock.now().getTime() + 1000))
    await expect(openShareLink(text, ports)).rejects.toMatchObject(gone)
  })

  test('once its learner withdrew it', async () => {
    const { ports, award, ada } = await academy()
    const { text, link } = await shareAward(ada, input(ports, award), ports)
    const withdrawal = { requestId: ports.requestId(), id: link.id }
    await withdrawShareLink(ada, withdrawal, ports)
    await withdrawShareLink(ada, withdrawal, ports)
    await expect(openShareLink(text, ports)).rejects.toMatchObject(gone)
    expect(await ports.store.shareLinksOf(award.learnerId)).toEqual([])
  })

  test.each([
    '',
    'x',
    'platform.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'abcdefgh.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'abcdefgh.short',
    '../../etc/passwd',
    'abcdefgh.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA#T#',
  ])('for the made-up text %j', async (text) => {
    await expect(openShareLink(text, await world())).rejects.toMatchObject(gone)
  })

  test('with one character changed', async () => {
    const { ports, award, ada } = await academy()
    const { text } = await shareAward(ada, input(ports, award), ports)
    const changed = text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')
    await expect(openShareLink(changed, ports)).rejects.toMatchObject(gone)
  })
})

test('a revocation shows at the next look through the link', async () => {
  const { ports, award, ada } = await academy()
  const { text } = await shareAward(ada, input(ports, award), ports)
  await ports.store.saveAwardStatusOnce(ports.request('revoke'), {
    awardId: award.id,
    version: award.version,
    status: { state: 'revoked', since: ports.clock.now(), by: 'registrar' },
  })
  const { verification } = await openShareLink(text, ports)
  expect(verification).toMatchObject({ verified: false, outcome: 'revoked', failedCheck: 'status' })
})

describe('nobody but its learner', () => {
  test.each(['assessor', 'registrar', 'employer', 'platform-operator'] as const)(
    'shares an award: not a %s',
    async (role) => {
      const { ports, award } = await academy()
      await expect(shareAward(ports.actor(role), input(ports, award), ports)).rejects.toMatchObject({
        code: expect.stringMatching(/not_allowed|not_found/),
      })
    },
  )

  test('shares or withdraws: not another learner, not a visitor', async () => {
    const { ports, award, ada } = await academy()
    const { actor: bob } = await ports.learner()
    await expect(shareAward(bob, input(ports, award), ports)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(shareAward(undefined, input(ports, award), ports)).rejects.toMatchObject({
      code: 'not_signed_in',
    })
    const { link } = await shareAward(ada, input(ports, award), ports)
    const withdrawal = { requestId: ports.requestId(), id: link.id }
    await expect(withdrawShareLink(bob, withdrawal, ports)).rejects.toMatchObject({ code: 'not_found' })
    await expect(withdrawShareLink(undefined, withdrawal, ports)).rejects.toMatchObject({
      code: 'not_signed_in',
    })
    expect(await ports.store.findShareLink(link.id)).toBeDefined()
  })
})

test('an award nobody collected cannot be shared yet', async () => {
  const { ports, award, ada } = await academy({ collected: false })
  await expect(shareAward(ada, input(ports, award), ports)).rejects.toMatchObject({ code: 'state_conflict' })
})

test('a learner has at most a hundred links at a time', async () => {
  const { ports, award, ada } = await academy()
  for (let made = 0; made < shareLinksPerLearner; made++) await shareAward(ada, input(ports, award), ports)
  await expect(shareAward(ada, input(ports, award), ports)).rejects.toMatchObject({ code: 'quota_exceeded' })
})
