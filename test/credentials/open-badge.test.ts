import { describe, expect, test } from 'vitest'
import type { AwardState } from '#core/awards/award.ts'
import { awardBadge } from '#core/badges/badge.ts'
import { bakePng, bakeSvg } from '#core/badges/bake.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { type Edition, editionNames } from '#core/editions/editions.ts'
import { makeEdition } from '#core/editions/make-edition.ts'
import { parseJws, writeJws } from '#core/jose/jws.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { type World, world } from '#test/support/world.ts'
import { cast } from '../access/cast.ts'

const faces = ['vc+jwt', 'ob3', 'ob3-png', 'ob3-svg'] as const

interface Badge {
  id: string
  issuer: { id: string }
  credentialSubject: { id: string; achievement: { image: { id: string } } }
  validFrom: string
  validUntil: string
}

async function academy() {
  const w = await world()
  const { award } = await w.award()
  const file = async (edition: Edition) =>
    (await makeEdition(w.actor('registrar'), { awardId: award.id, edition }, w)).bytes
  return { w, award, file }
}

async function setState(w: World, awardId: Parameters<World['store']['findAward']>[0], state: AwardState) {
  const award = await w.store.findAward(awardId)
  await w.store.saveAwardStatusOnce(w.request('status'), {
    awardId,
    version: award?.version ?? 0,
    status: { state, since: w.clock.now(), by: 'registrar' },
  })
}

describe.each(faces)('the edition %s', (edition) => {
  test('verifies and shows what was awarded, to whom and by whom', async () => {
    const { w, award, file } = await academy()
    const verdict = await verifyCredential(await file(edition), {}, w)
    expect(verdict).toMatchObject({
      verified: true,
      outcome: 'valid',
      format: edition === 'vc+jwt' ? 'vc+jwt' : 'ob3',
      issuer: { name: w.institutions.northLake.name, trust: 'institution' },
      facts: {
        title: award.title.en,
        holder: { fullName: 'Ada Example' },
        issuedOn: '2026-11-23',
        eqfLevel: String(award.eqfLevel),
        grade: '80 %',
        outcomes: award.outcomes.map(({ statement }) => statement.en),
        assurance: expect.stringContaining('not a qualified electronic seal'),
      },
    })
    expect(verdict.facts?.skills.map(({ name, level }) => [name, level])).toEqual(
      award.skills.map(({ label, level }) => [label.en, level]),
    )
  })

  test.each<AwardState>(['revoked', 'suspended', 'superseded'])(
    'follows the award when it is %s',
    async (state) => {
      const { w, award, file } = await academy()
      const bytes = await file(edition)
      await setState(w, award.id, state)
      expect(await verifyCredential(bytes, {}, w)).toMatchObject({ outcome: state, failedCheck: 'status' })
    },
  )

  test('is issued once, however often it is asked for, and its entry in the lists is set with the award', async () => {
    const { w, award, file } = await academy()
    const [first, again] = [await file(edition), await file(edition)]
    expect(again).toEqual(first)
    const issued = await w.store.credentialsOfAward(award.id)
    expect(issued).toHaveLength(1)
    await setState(w, award.id, 'revoked')
    await deliverEvents(w)
    const list = await w.store.readStatusList(issued[0]?.status.list ?? ('' as never))
    expect(list?.entries).toContainEqual({ index: issued[0]?.status.index, value: 1 })
  })

  test('with one letter of its payload changed is told as tampered', async () => {
    const { w, file } = await academy()
    const text = Buffer.from(await file(edition)).toString('latin1')
    const token = /eyJ[\w-]+\.[\w-]+\.[\w-]{86}/.exec(text)?.[0] ?? ''
    const [header, payload = '', signature] = token.split('.')
    const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"80"', '"99"'))
    const forged = [header, changed.toString('base64url'), signature].join('.')
    expect(forged).not.toBe(token)
    expect(await verifyCredential(forged, {}, w)).toMatchObject({ outcome: 'tampered' })
  })
})

test('an Open Badge has the header and the claims of its proof format, and no other', async () => {
  const { file } = await academy()
  const { header, payload } = parseJws(Buffer.from(await file('ob3')).toString())
  expect(Object.keys(header).sort()).toEqual(['alg', 'kid', 'typ'])
  expect(header.typ).toBe('JWT')
  const { issuer, id, credentialSubject, validFrom, validUntil } = payload as unknown as Badge
  expect(payload).toMatchObject({ iss: issuer.id, jti: id, sub: credentialSubject.id })
  expect(payload['nbf']).toBe(Date.parse(validFrom) / 1000)
  expect(payload['exp']).toBe(Date.parse(validUntil) / 1000)
})

test.each<[string, Record<string, unknown>, string]>([
  ['an issuer that differs', { iss: 'https://elsewhere.example' }, 'issuer_contradiction'],
  ['an id that differs', { jti: 'urn:uuid:0' }, 'id_contradiction'],
  ['a subject that differs', { sub: 'urn:uuid:0' }, 'subject_contradiction'],
  ['an audience', { aud: 'somebody' }, 'audience_unexpected'],
  ['contexts in another order', { '@context': ['https://example.org'] }, 'context_wrong'],
])('claims with %s beside the credential are refused', async (_, change, code) => {
  const { w, file } = await academy()
  const { header, payload } = parseJws(Buffer.from(await file('ob3')).toString())
  const signer = await w.signers.active(w.institutions.northLake.tag)
  const token = await writeJws(header, { ...payload, ...change }, (bytes) => signer.sign(bytes))
  expect((await verifyCredential(token, {}, w)).checks).toContainEqual({
    name: 'type',
    state: 'failed',
    code,
  })
})

test('baking leaves the picture as it was', async () => {
  const { w } = await academy()
  const { award } = await w.award()
  const badge = awardBadge(award, w.institutions.northLake, w.ontology)
  const png = await w.badges.png(badge)
  const baked = Buffer.from(bakePng(png, 'a.b.c'))
  const at = baked.indexOf('iTXt') - 4
  const length = baked.readUInt32BE(at) + 12
  expect(Buffer.concat([baked.subarray(0, at), baked.subarray(at + length)]).equals(Buffer.from(png))).toBe(
    true,
  )
  const svg = await w.badges.svg(badge)
  expect(svg).not.toMatch(/<text|font-family/)
  expect(bakeSvg(svg, 'a.b.c')).toContain('<openbadges:credential verify="a.b.c"></openbadges:credential>')
  expect(() => bakePng(new Uint8Array(10), 'a.b.c')).toThrow('no PNG')
  expect(() => bakeSvg('<html>', 'a.b.c')).toThrow('no SVG')
})

test.each<[string, (png: Uint8Array) => Uint8Array, string]>([
  ['a picture without a badge', (png) => png, 'no_badge_in_picture'],
  ['a picture that was cut off', (png) => png.subarray(0, 60), 'no_badge_in_picture'],
  [
    'a drawing without a badge',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'no_badge_in_picture',
  ],
  ['a PDF', () => Buffer.from('%PDF-1.7 …'), 'pdf_use_its_link'],
  ['bytes of no kind', () => Uint8Array.of(0xff, 0xfe, 0, 0xc3), 'not_text'],
  ['nothing', () => new Uint8Array(), 'empty'],
])('%s is told by its name', async (_, change, code) => {
  const { w, award } = await academy()
  const png = await w.badges.png(awardBadge(award, w.institutions.northLake, w.ontology))
  const { outcome, checks } = await verifyCredential(change(png), {}, w)
  expect(outcome).toBe('unreadable')
  expect(checks[0]).toEqual({ name: 'shape', state: 'failed', code })
})

describe('over HTTP', () => {
  test('each edition has its address, and the award answers by Accept', async () => {
    const { request, tokenOf, own } = await cast()
    const authorization = `Bearer ${await tokenOf('registrar')}`
    const get = (path: string, accept?: string) =>
      request(path, { headers: { authorization, ...(accept ? { accept } : {}) } })
    const listed = (await (await get(`/awards/${own.award.id}`)).json()) as {
      editions: { edition: Edition; url: string; contentType: string }[]
    }
    expect(listed.editions.map(({ edition }) => edition)).toEqual(editionNames)
    for (const { url, contentType } of listed.editions) {
      const answer = await get(new URL(url).pathname)
      expect(answer.status, url).toBe(200)
      expect(answer.headers.get('content-type'), url).toContain(contentType)
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      const negotiated = await get(`/awards/${own.award.id}`, contentType)
      expect(negotiated.headers.get('content-type'), url).toContain(contentType)
    }
    expect((await get(`/awards/${own.award.id}`, 'audio/ogg')).status).toBe(406)
    expect((await request(`/awards/${own.award.id}/badge.png`)).status).toBe(401)
  })

  test('a badge is verified as a file by page and by API; its key and its picture are public', async () => {
    const { request, tokenOf, own } = await cast()
    const authorization = `Bearer ${await tokenOf('registrar')}`
    const png = await (
      await request(`/awards/${own.award.id}/badge.png`, { headers: { authorization } })
    ).arrayBuffer()
    const api = await request('/verify', {
      method: 'POST',
      body: png,
      headers: { accept: 'application/json' },
    })
    expect(await api.json()).toMatchObject({ verified: true, format: 'ob3' })
    const form = new FormData()
    form.set('file', new File([png], 'badge.png'))
    const page = await request('/verify', { method: 'POST', body: form, headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('Genuine and valid')

    const token = await (
      await request(`/awards/${own.award.id}/open-badge`, { headers: { authorization } })
    ).text()
    const { header, payload } = parseJws(token)
    const key = await request(new URL(header.kid ?? '').pathname)
    expect(await key.json()).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' })
    const { credentialSubject, issuer } = payload as unknown as Badge
    const picture = await request(new URL(credentialSubject.achievement.image.id).pathname)
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(await (await request(new URL(issuer.id).pathname)).json()).toMatchObject({
      id: issuer.id,
      type: ['Profile'],
    })
  })
})
