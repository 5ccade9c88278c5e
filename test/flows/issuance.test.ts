import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { mailedTxCode, openOffer } from '#core/credentials/open-offer.ts'
import { preAuthorizedCode, presentOffer } from '#core/credentials/present-offer.ts'
import type { OfferId } from '#core/ids.ts'
import { discloseClaims, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import { type HttpsAcademy, httpsAcademy } from '#test/support/https-academy.ts'
import { makeWallet, rawRequest } from '#test/support/wallet.ts'

const present = async (academy: HttpsAcademy, offer: OfferId, signedInAs?: never) => {
  const presented = await presentOffer(offer, { signedInAs }, academy)
  if (presented.state !== 'presented') throw new Error('the offer is being collected')
  return presented
}

test('a foreign wallet collects both formats over https with the code sent by mail', async () => {
  const academy = await httpsAcademy()
  const { award, offer } = await academy.award()
  const { uri, txCodeLength } = await present(academy, offer.id)
  expect(txCodeLength).toBe(6)
  const wallet = await makeWallet(academy.certificate, () => academy.clock.now())
  const collected = await wallet.collect(uri, { txCode: mailedTxCode(offer, academy.signers) ?? '' })
  expect(collected.map(({ format }) => format)).toEqual(['dc+sd-jwt', 'jwt_vc_json'])

  const { jws, disclosures } = parseSdJwt(collected[0]?.credential ?? '')
  const { claims } = await discloseClaims(jws.payload, disclosures, (part) => academy.primitives.sha256(part))
  expect(claims).toMatchObject({ achievement_title: award.title.en, family_name: 'Example' })
  const { x, y } = wallet.publicJwk
  expect(claims['cnf']).toEqual({ jwk: { kty: 'EC', crv: 'P-256', x, y } })
  const vc = decodeJwt(collected[1]?.credential ?? '')
  expect(vc['vc']).toMatchObject({ type: ['VerifiableCredential', 'AiSkillCredential'] })

  const stored = await academy.store.findOffer(offer.id)
  expect(stored).toMatchObject({ state: 'issued' })
  expect(await academy.store.credentialsOfAward(award.id)).toHaveLength(2)
  const log = (await academy.store.offerLog(offer.id, 20)).map(({ what }) => what).sort()
  expect(log).toEqual(
    [
      'presented',
      'token-issued',
      'credential-issued',
      'credential-accepted',
      'credential-issued',
      'credential-accepted',
    ].sort(),
  )
})

test('a learner who is signed in on this device is asked for no code', async () => {
  const academy = await httpsAcademy()
  const { learner, offer } = await academy.award()
  const { uri, txCodeLength } = await present(academy, offer.id, learner.id as never)
  expect(txCodeLength).toBeUndefined()
  const wallet = await makeWallet(academy.certificate, () => academy.clock.now())
  expect(await wallet.collect(uri, { freshKeys: true })).toHaveLength(2)
})

test('an award offered again goes to another wallet as a credential of its own', async () => {
  const academy = await httpsAcademy()
  const { award } = await academy.award()
  const credentials = new Set<string>()
  for (const round of [1, 2]) {
    const offer = openOffer(award, { txCode: 'none', configurationIds: ['AiSkill_sdjwt'] }, academy)
    await academy.store.saveOfferOnce(academy.request(`offer ${round}`), offer)
    const wallet = await makeWallet(academy.certificate, () => academy.clock.now())
    const [collected] = await wallet.collect((await present(academy, offer.id)).uri)
    credentials.add(collected?.credential ?? '')
  }
  expect(credentials.size).toBe(2)
})

test('forty offers in a minute are collected from loopback with the default limits', async () => {
  const academy = await httpsAcademy()
  const { award } = await academy.award()
  const wallet = await makeWallet(academy.certificate, () => academy.clock.now())
  for (let round = 0; round < 40; round++) {
    const offer = openOffer(award, { txCode: 'none', configurationIds: ['AiSkill_sdjwt'] }, academy)
    await academy.store.saveOfferOnce(academy.request(`offer ${round}`), offer)
    const { uri } = await present(academy, offer.id)
    expect(await wallet.collect(uri)).toHaveLength(1)
  }
  // One wallet, one key: the same credential every time.
  expect(await academy.store.credentialsOfAward(award.id)).toHaveLength(1)
})

test('a wrong code by mail is refused, and the right one still works afterwards', async () => {
  const academy = await httpsAcademy()
  const { offer } = await academy.award()
  const { uri } = await present(academy, offer.id)
  const wallet = await makeWallet(academy.certificate, () => academy.clock.now())
  const right = mailedTxCode(offer, academy.signers) ?? ''
  const wrong = right === '000000' ? '000001' : '000000'
  await expect(wallet.collect(uri, { txCode: wrong })).rejects.toThrow('400')
  expect(await wallet.collect(uri, { txCode: right })).toHaveLength(2)
  await expect(wallet.collect(uri, { txCode: right })).rejects.toThrow()
})

test('over the wire, too: of two requests with one code one wins, and an endless body is cut off', async () => {
  const academy = await httpsAcademy()
  const { learner, offer } = await academy.award()
  await present(academy, offer.id, learner.id as never)
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
    'pre-authorized_code': preAuthorizedCode(offer.id, 1, academy.signers),
  }).toString()
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const post = (path: string, sent: string, headers: Record<string, string>) =>
    rawRequest(`${academy.url}${path}`, academy.certificate, { method: 'POST', headers, body: sent })
  const answers = await Promise.all([post('/token', body, form), post('/token', body, form)])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]))
  for (const more of [{}, { 'transfer-encoding': 'chunked' }]) {
    const headers = { 'content-type': 'application/json', ...more }
    expect((await post('/credential', `{"padding":"${'x'.repeat(70_000)}"}`, headers)).status).toBe(413)
  }
})
