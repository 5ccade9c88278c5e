import { describe, expect, test, vi } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { europeanEdition, languagesOf } from '#core/edc/european-edition.ts'
import type { JsonObject } from '#core/edc/graph.ts'
import { missingElements } from '#core/edc/micro-credential.ts'
import { readSeal, sealedCredential } from '#core/edc/read-seal.ts'
import { findProblems } from '#core/edc/rules.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import type { AwardId } from '#core/ids.ts'
import { institutDuPort } from '#functions/seed/institutions.ts'
import { world } from '#test/support/world.ts'
import { cast } from '../access/cast.ts'
import { europeanFile } from './european-file.ts'

const ownerOf = (award: { learnerId: Actor['learnerId']; tenant: Actor['tenant'] }): Actor => ({
  subject: 'the learner',
  tenant: award.tenant,
  roles: ['learner'],
  ...(award.learnerId ? { learnerId: award.learnerId } : {}),
})

async function credentialOf(text: string): Promise<JsonObject> {
  const sealed = readSeal(text)
  for (const signature of sealed.signatures) expect(await verifySealSignature(signature)).toBe(true)
  return sealedCredential(sealed)
}

describe('the European edition of an award', () => {
  test('is sealed by the institution, conforms, is complete and shows pages in English and French', async () => {
    const w = await world()
    const { award } = await w.award()
    const { text, level, claimsQualifiedSeal } = await europeanFile(ownerOf(award), award.id, w)
    expect(level).toBe('JAdES-BASELINE-B')
    expect(claimsQualifiedSeal).toBe(false)
    const credential = await credentialOf(text)
    expect(findProblems(credential)).toEqual([])
    expect(missingElements(credential)).toEqual([])
    const { displayParameter, identifier } = credential as {
      displayParameter: { individualDisplay: { displayDetail: { image: { content: string } }[] }[] }
      identifier: { notation: string }
    }
    expect(displayParameter.individualDisplay).toHaveLength(2)
    for (const { displayDetail } of displayParameter.individualDisplay) {
      const png = Buffer.from(displayDetail[0]?.image.content ?? '', 'base64')
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1240, 1754])
    }
    expect(identifier.notation).toBe(award.id)
  })

  test('of the same award is the same credential under a fresh seal; of another award it has another id', async () => {
    const w = await world()
    const { award } = await w.award()
    const first = await europeanFile(ownerOf(award), award.id, w)
    w.clock.advance({ days: 30 })
    const again = await europeanFile(w.actor('registrar'), award.id, w)
    expect(await credentialOf(again.text)).toEqual(await credentialOf(first.text))
    expect(again.text).not.toBe(first.text)
    const { award: other } = await w.award()
    expect((await europeanFile(ownerOf(other), other.id, w)).credentialId).not.toBe(first.credentialId)
  })

  test('is for its learner and the registrar of its institution only', async () => {
    const w = await world()
    const { award } = await w.award()
    const { actor: stranger } = await w.learner()
    const refusals: [Actor | undefined, string][] = [
      [undefined, 'not_signed_in'],
      [stranger, 'not_allowed'],
      [w.actor('assessor'), 'not_allowed'],
      [w.actor('registrar', { tenant: institutDuPort.tag }), 'not_found'],
    ]
    for (const [actor, code] of refusals) {
      await expect(europeanFile(actor, award.id, w)).rejects.toMatchObject({ code })
    }
    const nothing = `${award.tenant}-awd-${'a'.repeat(26)}` as AwardId
    await expect(europeanFile(w.actor('registrar'), nothing, w)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test.each(['revoke', 'suspend'] as const)('is not made of an award after %s', async (what) => {
    const w = await world()
    const { award } = await w.award()
    const input = { requestId: w.requestId(), awardId: award.id, reason: 'for the test' }
    await changeAwardStatus(w.actor('registrar'), what, input, w)
    await expect(europeanFile(w.actor('registrar'), award.id, w)).rejects.toMatchObject({
      code: 'award_not_valid',
    })
  })

  test('is not made of an award that lacks one of the eleven elements: it is named, and nothing is sealed', async () => {
    const w = await world()
    const { award } = await w.award()
    const sign = vi.spyOn(await w.signers.active(award.tenant), 'sign')
    await expect(europeanEdition({ ...award, outcomes: [] }, w)).rejects.toMatchObject({
      code: 'credential_incomplete',
      message: 'The credential lacks: learningOutcomes.',
    })
    expect(sign).not.toHaveBeenCalled()
    await europeanEdition(award, w)
    expect(sign).toHaveBeenCalledTimes(1)
  })

  test('is not made of an erased learner', async () => {
    const w = await world()
    const { award } = await w.award()
    await w.store.eraseLearnerOnce(w.request('erase'), award.learnerId)
    await expect(europeanFile(w.actor('registrar'), award.id, w)).rejects.toMatchObject({
      code: 'award_not_valid',
    })
  })

  test('shows the languages that title, description and every outcome have, the one of the course first', () => {
    const statement = { en: 'x', fr: 'x', de: 'x', it: 'x', tlh: 'x' }
    const award = {
      title: statement,
      description: statement,
      outcomes: [{ id: 'o', statement }],
      language: 'de',
    }
    expect(languagesOf(award)).toEqual(['de', 'en', 'fr', 'it'])
    expect(languagesOf({ ...award, outcomes: [{ id: 'o', statement: { en: 'x', fr: '' } }] })).toEqual(['en'])
    expect(languagesOf({ ...award, title: { en: '', fr: '' } })).toEqual(['en'])
  })

  test('comes as a file over HTTP to who may have it', async () => {
    const { request, tokenOf, own } = await cast()
    const path = `/awards/${own.award.id}/european-credential`
    const bearer = async (account: string) => ({
      headers: { authorization: `Bearer ${await tokenOf(account)}` },
    })
    const answer = await request(path, await bearer('registrar'))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/ld+json')
    expect(answer.headers.get('content-disposition')).toContain('.jsonld')
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('academy-seal')).toBe('JAdES-BASELINE-B; self-made')
    await credentialOf(await answer.text())
    expect((await request(path)).status).toBe(401)
    expect((await request(path, await bearer('employer'))).status).toBe(403)
    expect((await request(path, await bearer('registrar-b'))).status).toBe(404)
    expect(
      (await request('/awards/..%2f..%2fetc/european-credential', await bearer('registrar'))).status,
    ).toBe(400)
  })

  test('has a status entry when the deployment asks for one: given once, and set with the award', async () => {
    const w = await world()
    w.seals = { signingTime: 'iat', statusEntries: true }
    const { award } = await w.award()
    const statusOf = async () => {
      const credential = await credentialOf((await europeanFile(w.actor('registrar'), award.id, w)).text)
      expect(findProblems(credential)).toEqual([])
      return credential['credentialStatus'] as { type: string[]; statusListIndex: string }
    }
    const [first, again] = [await statusOf(), await statusOf()]
    expect(again).toEqual(first)
    expect(first.type).toEqual(['CredentialStatus', 'BitstringStatusListEntry'])
    const [issued, ...others] = await w.store.credentialsOfAward(award.id)
    expect(others).toEqual([])
    expect(first.statusListIndex).toBe(String(issued?.status.index))
    await changeAwardStatus(
      w.actor('registrar'),
      'suspend',
      { requestId: w.requestId(), awardId: award.id, reason: 'for the test' } as never,
      w,
    )
    await deliverEvents(w)
    const list = issued && (await w.store.readStatusList(issued.status.list))
    expect(list?.entries).toContainEqual({ index: issued?.status.index, value: 2 })
  })
})
