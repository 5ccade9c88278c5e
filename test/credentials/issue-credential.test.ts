import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importJWK, importX509, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { projectStatus } from '#core/credentials/project-status.ts'
import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { discloseClaims, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import { type World, world } from '#test/support/world.ts'

function aKey(): PublicJwk {
  return parsePublicJwk(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  )
}

async function claimsOf(text: string, w: World) {
  const { jws, disclosures } = parseSdJwt(text)
  return {
    signed: jws.payload,
    ...(await discloseClaims(jws.payload, disclosures, (part) => w.primitives.sha256(part))),
  }
}

const change = async (w: World, awardId: string, what: 'revoke' | 'suspend' | 'reinstate') => {
  const input = { requestId: w.requestId(), awardId: awardId as never, reason: 'for the test' }
  await changeAwardStatus(w.actor('registrar'), what, input, w)
}

async function project(w: World): Promise<void> {
  for (const event of await w.store.pendingEvents(w.institutions.northLake.tag, 100))
    await projectStatus(event, w)
}

describe('dc+sd-jwt', () => {
  test('jose verifies the signature under the leaf certificate, whose chain leads to the anchor outside of x5c', async () => {
    const w = await world()
    const { award } = await w.award()
    const { text } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() }, w)
    const jwt = text.split('~')[0] ?? ''
    const header = decodeProtectedHeader(jwt)
    const [leaf = '', authority = ''] = header.x5c ?? []
    const pem = `-----BEGIN CERTIFICATE-----\n${leaf}\n-----END CERTIFICATE-----`
    const { payload } = await jwtVerify(jwt, await importX509(pem, 'ES256'), {
      algorithms: ['ES256'],
      typ: 'dc+sd-jwt',
      issuer: 'https://academy.example/institutions/north-lake',
      currentDate: w.clock.now(),
    })
    expect(new X509Certificate(Buffer.from(leaf, 'base64')).subjectAltName).toContain(`URI:${payload.iss}`)
    const anchors = await w.signers.anchors()
    expect(anchors).not.toContain(leaf)
    expect(anchors).not.toContain(authority)
  })

  test('it carries the claims of the European learning credential, hidden or plain as that type says', async () => {
    const w = await world()
    const { award } = await w.award()
    const holderKey = aKey()
    const { text } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey }, w)
    const { claims, signed, disclosed } = await claimsOf(text, w)
    expect(claims).toMatchObject({
      vct: 'https://academy.example/vct/ai-skill/1',
      cnf: { jwk: holderKey },
      issuing_authority: w.institutions.northLake.name.en,
      issuing_country: w.institutions.northLake.country,
      date_of_issuance: '2026-11-23',
      achievement_title: award.title.en,
      language_of_classes: ['en'],
      family_name: 'Example',
      given_name: 'Ada',
      expected_study_time: `${award.workloadHours} hours`,
      level_of_learning_experience: award.eqfLevel,
      types_of_quality_assurance: [award.qualityAssurance.en],
      issuer_assurance: { qualified: false, seal: 'self-made' },
    })
    const always = [
      'jti',
      'iat',
      'exp',
      'vct',
      'iss',
      'cnf',
      'status',
      'issuing_authority',
      'achievement_title',
    ]
    for (const name of always) expect(signed).toHaveProperty([name])
    expect(disclosed).toEqual(
      expect.arrayContaining(['family_name', 'given_name', 'learner_identification', 'skills.0']),
    )
    expect((claims['skills'] as object[])[0]).toMatchObject({
      id: `https://academy.example/ontology/${award.ontology.version}/skill/${award.skills[0]?.skill}`,
      level: award.skills[0]?.level,
    })
  })

  test('nothing in it links two credentials of one learner but what the learner discloses', async () => {
    const w = await world()
    const { award, learner } = await w.award()
    const ask = () => issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() }, w)
    w.clock.set('2026-11-23T09:17:31.000Z')
    const [a, b] = [await ask(), await ask()]
    const [one, two] = [await claimsOf(a.text, w), await claimsOf(b.text, w)]
    for (const name of ['jti', 'status', 'cnf']) expect(one.signed[name]).not.toEqual(two.signed[name])
    expect(one.signed['iat']).toBe(Date.parse('2026-11-23T09:00:00Z') / 1000)
    for (const { text } of [a, b]) expect(text).not.toContain(learner.id)
    expect(JSON.stringify(one.claims)).not.toContain(learner.id)
    expect(JSON.stringify(one.claims)).not.toContain(award.id)
  })
})

describe('texts kept for a cohort', () => {
  test('another title, skill or language of the same module is never answered from what was kept', async () => {
    const w = await world()
    const { award } = await w.award()
    const first = { ...award }
    const [skill] = award.skills
    const others = [
      first,
      { ...award, title: { ...award.title, en: 'Another title' } },
      { ...award, skills: [{ ...skill, level: 4 }, ...award.skills.slice(1)] },
      { ...award, language: 'fr' },
      { ...award, ects: 99 },
      first,
    ] as (typeof award)[]
    const seen: unknown[] = []
    for (const one of others) {
      const store = { ...w.store, findAward: async () => one }
      const asked = { awardId: award.id, format: 'dc+sd-jwt' as const, holderKey: aKey() }
      const { text } = await issueCredential(asked, { ...w, store })
      const { claims } = await claimsOf(text, w)
      seen.push([
        claims['achievement_title'],
        claims['ects_credits'],
        (claims['skills'] as { level: number }[])[0]?.level,
      ])
    }
    const { title, ects } = award
    const plain = [title.en, ects, skill?.level]
    expect(seen).toEqual([
      plain,
      ['Another title', ects, skill?.level],
      [title.en, ects, 4],
      [title.fr, ects, skill?.level],
      [title.en, 99, skill?.level],
      plain,
    ])
  })
})

describe('jwt_vc_json', () => {
  test('it verifies under the institution’s published key and names holder, end and both status lists', async () => {
    const w = await world()
    const { award } = await w.award()
    const holderKey = aKey()
    const issued = await issueCredential({ awardId: award.id, format: 'jwt_vc_json', holderKey }, w)
    const [key] = await w.signers.published(award.tenant)
    const did = 'did:web:academy.example:institutions:north-lake'
    const { payload, protectedHeader } = await jwtVerify(
      issued.text,
      await importJWK({ ...key?.publicJwk, alg: 'ES256' }),
      { algorithms: ['ES256'], typ: 'JWT', issuer: did, currentDate: w.clock.now() },
    )
    expect(protectedHeader.kid).toBe(`${did}#${key?.kid}`)
    expect(payload.exp).toBe(Math.floor(issued.expiresAt.getTime() / 1000))
    const { x, y } = JSON.parse(
      Buffer.from(payload.sub?.slice('did:jwk:'.length) ?? '', 'base64url').toString(),
    )
    expect({ x, y }).toEqual({ x: holderKey.x, y: holderKey.y })
    const { list, index } = issued.status
    const revocation = `https://academy.example/bitstring/${list}`
    expect(payload['vc']).toMatchObject({
      type: ['VerifiableCredential', 'AiSkillCredential'],
      credentialSubject: { id: payload.sub, familyName: 'Example' },
      credentialStatus: [
        { statusPurpose: 'revocation', statusListIndex: String(index), statusListCredential: revocation },
        { statusPurpose: 'suspension', statusListCredential: `${revocation}/suspension` },
      ],
      issuerAssurance: { qualified: false },
    })
  })
})

describe('once', () => {
  test.each(['dc+sd-jwt', 'jwt_vc_json'] as const)(
    'the same award, format and key answers the very same %s, also when asked at once',
    async (format) => {
      const w = await world()
      const { award } = await w.award()
      const asked = { awardId: award.id, format, holderKey: aKey() }
      const answers = await Promise.all([1, 2, 3, 4].map(() => issueCredential(asked, w)))
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
      w.clock.advance({ days: 60 })
      expect((await issueCredential(asked, w)).text).toBe(answers[0]?.text)
      expect(await w.store.credentialsOfAward(award.id)).toHaveLength(1)
      const events = await w.store.pendingEvents(award.tenant, 100)
      expect(events.filter(({ type }) => type === 'credential.issued')).toHaveLength(1)
    },
  )

  test('many credentials at once never share a status index', async () => {
    const w = await world()
    const awards = await Promise.all(Array.from({ length: 12 }, () => w.award()))
    const issued = await Promise.all(
      awards.flatMap(({ award }) =>
        (['dc+sd-jwt', 'jwt_vc_json'] as const).map((format) =>
          issueCredential({ awardId: award.id, format, holderKey: aKey() }, w),
        ),
      ),
    )
    expect(new Set(issued.map(({ status }) => `${status.list}/${status.index}`)).size).toBe(24)
    for (const { id, status } of issued) {
      expect((await w.store.findStanding(status))?.credentialId).toBe(id)
    }
  })

  test('a list that is half full is followed by a new one', async () => {
    const w = await world()
    const { tag } = w.institutions.northLake
    const small = 32
    const lists = new Map<string, Set<number>>()
    for (let count = 0; count < 40; count++) {
      const { award } = await w.award()
      const status = await w.store.drawStatusIndex(tag, small)
      const { text: _text, ...credential } = await issueCredential(
        { awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() },
        { ...w, settings: { ...w.settings, statusListSize: small } },
      )
      expect(credential.status.index).toBeLessThan(small)
      const indexes = lists.get(credential.status.list) ?? new Set()
      lists.set(credential.status.list, indexes.add(credential.status.index))
      expect(status.index).toBeLessThan(small)
    }
    expect(lists.size).toBeGreaterThan(1)
    for (const indexes of lists.values()) expect(indexes.size).toBeLessThanOrEqual(small / 2)
  })
})

describe('refused', () => {
  test.each(['revoke', 'suspend'] as const)('nothing is issued of an award after %s', async (what) => {
    const w = await world()
    const { award } = await w.award()
    await change(w, award.id, what)
    const asked = { awardId: award.id, format: 'dc+sd-jwt' as const, holderKey: aKey() }
    await expect(issueCredential(asked, w)).rejects.toMatchObject({ code: 'award_not_valid' })
    expect(await w.store.credentialsOfAward(award.id)).toEqual([])
  })

  test('an award that changes between reading and saving is read again', async () => {
    const w = await world()
    const { award } = await w.award()
    let changed = false
    const ports = {
      ...w,
      store: {
        ...w.store,
        drawStatusIndex: async (...of: Parameters<typeof w.store.drawStatusIndex>) => {
          if (!changed) await change(w, award.id, 'revoke')
          changed = true
          return w.store.drawStatusIndex(...of)
        },
      },
    }
    const asked = { awardId: award.id, format: 'dc+sd-jwt' as const, holderKey: aKey() }
    await expect(issueCredential(asked, ports)).rejects.toMatchObject({ code: 'award_not_valid' })
    expect(await w.store.credentialsOfAward(award.id)).toEqual([])
  })

  test('a signing key that answers nonsense stores nothing', async () => {
    const w = await world()
    const { award } = await w.award()
    const signers = {
      ...w.signers,
      active: async (tag: typeof award.tenant) => ({
        ...(await w.signers.active(tag)),
        sign: async () => new Uint8Array(64).fill(7),
      }),
    }
    const asked = { awardId: award.id, format: 'jwt_vc_json' as const, holderKey: aKey() }
    await expect(issueCredential(asked, { ...w, signers })).rejects.toThrow('does not verify')
    expect(await w.store.credentialsOfAward(award.id)).toEqual([])
  })
})

describe('at rest', () => {
  test('the signed text is nowhere in the records, and is gone with the learner’s key', async () => {
    const w = await world()
    const { award, learner } = await w.award()
    const holderKey = aKey()
    const asked = { awardId: award.id, format: 'jwt_vc_json' as const, holderKey }
    const { id, text, holderThumbprint } = await issueCredential(asked, w)
    const { pk } = { pk: `T#${award.tenant}#CRED#${id}` }
    const item = await w.records.get({ pk, sk: 'META' })
    expect(JSON.stringify(item)).not.toContain(text.split('.')[1])
    await w.store.eraseLearnerOnce(w.request('erase'), learner.id)
    expect(await w.store.findIssued(award.id, 'jwt_vc_json', holderThumbprint)).toBeUndefined()
    expect(await w.store.findCredential(id)).toMatchObject({ id, format: 'jwt_vc_json' })
    await expect(issueCredential(asked, w)).rejects.toMatchObject({ code: 'award_not_valid' })
  })
})

describe('status', () => {
  const entryOf = async (w: World, { list, index }: { list: never; index: number }) => {
    const read = await w.store.readStatusList(list)
    return read?.entries.find((entry) => entry.index === index)?.value ?? 0
  }

  test('the entries of all editions follow the award, and a late or repeated event does no harm', async () => {
    const w = await world()
    const { award } = await w.award()
    const issue = (format: 'dc+sd-jwt' | 'jwt_vc_json') =>
      issueCredential({ awardId: award.id, format, holderKey: aKey() }, w)
    const editions = [await issue('dc+sd-jwt'), await issue('jwt_vc_json'), await issue('dc+sd-jwt')]
    const values = () => Promise.all(editions.map(({ status }) => entryOf(w, status as never)))
    expect(await values()).toEqual([0, 0, 0])
    await change(w, award.id, 'suspend')
    const late = await w.store.pendingEvents(award.tenant, 100)
    await project(w)
    expect(await values()).toEqual([2, 2, 2])
    await change(w, award.id, 'reinstate')
    await project(w)
    expect(await values()).toEqual([0, 0, 0])
    await change(w, award.id, 'revoke')
    await project(w)
    for (const event of [...late, ...late]) await projectStatus(event, w)
    expect(await values()).toEqual([1, 1, 1])
  })

  test('a projector that read the award before a change cannot overwrite one that read it after', async () => {
    const w = await world()
    const { award } = await w.award()
    const { status } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() }, w)
    await w.store.saveStatusValue([status], 1, 3)
    await w.store.saveStatusValue([status], 0, 2)
    expect(await entryOf(w, status as never)).toBe(1)
    await w.store.saveStatusValue([status], 2, 4)
    expect(await entryOf(w, status as never)).toBe(2)
  })

  test('a fresh list holds decoys, and every change may add some, so revocations cannot be counted', async () => {
    const w = await world()
    const { award } = await w.award()
    const { status } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey: aKey() }, w)
    const before = await w.store.readStatusList(status.list)
    expect(before?.list.size).toBe(131_072)
    expect(before?.entries.length).toBeGreaterThanOrEqual(20)
    expect(new Set(before?.entries.map(({ value }) => value))).toEqual(new Set([1, 2]))
    const taken = before?.entries.map(({ index }) => w.store.findStanding({ list: status.list, index }))
    expect(await Promise.all(taken ?? [])).toEqual(taken?.map(() => undefined))
    await change(w, award.id, 'revoke')
    await project(w)
    const after = await w.store.readStatusList(status.list)
    expect(after?.list.version).toBe((before?.list.version ?? 0) + 1)
  })
})

test('the payload of a JWT VC is not readable from outside as SD-JWT and the other way round', async () => {
  const w = await world()
  const { award } = await w.award()
  const holderKey = aKey()
  const { text } = await issueCredential({ awardId: award.id, format: 'jwt_vc_json', holderKey }, w)
  expect(() => parseSdJwt(text)).toThrow('tilde')
  expect(decodeJwt(text)).not.toHaveProperty('vct')
})
