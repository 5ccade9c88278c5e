import { expect, test } from 'vitest'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

const formats = ['dc+sd-jwt', 'jwt_vc_json'] as const

test.each(formats)('%s: what was issued is answered again only while the award is valid', async (format) => {
  const w = await world()
  const { award } = await w.award()
  const asked = { awardId: award.id, format, holderKey: makeKeyPair().jwk }
  const change = (what: 'suspend' | 'reinstate' | 'revoke') =>
    changeAwardStatus(
      w.actor('registrar'),
      what,
      { requestId: w.requestId(), awardId: award.id, reason: 'For the test.' },
      w,
    )
  const first = await issueCredential(asked, w)
  expect((await issueCredential(asked, w)).text).toBe(first.text)

  await change('suspend')
  await expect(issueCredential(asked, w)).rejects.toMatchObject({ code: 'award_not_valid' })
  await change('reinstate')
  expect((await issueCredential(asked, w)).text).toBe(first.text)
  await change('revoke')
  await expect(issueCredential(asked, w)).rejects.toMatchObject({ code: 'award_not_valid' })
  expect(await w.store.credentialsOfAward(award.id)).toHaveLength(1)
})

test.each(['vc+jwt', 'ob3', 'dc+sd-jwt'] as const)(
  '%s as a file: one whose time is over is replaced by one of today',
  async (format) => {
    const w = await world({ settings: { credentialLifetimeDays: 30 } })
    const { award } = await w.award()
    const first = await issueCredential({ awardId: award.id, format }, w)
    w.clock.advance({ days: 29 })
    expect((await issueCredential({ awardId: award.id, format }, w)).text).toBe(first.text)
    w.clock.advance({ days: 2 })
    const next = await issueCredential({ awardId: award.id, format }, w)
    expect(next.text).not.toBe(first.text)
    expect(next.expiresAt > w.clock.now()).toBe(true)
    expect((await issueCredential({ awardId: award.id, format }, w)).text).toBe(next.text)
  },
)
