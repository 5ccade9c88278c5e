import { createHash } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { presentOffer } from '#core/credentials/present-offer.ts'
import type { RecordKey, Records } from '#core/records.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { worldsOn } from '#test/support/world-engine.ts'
import { type Academy, academy, requestIdOf } from './academy.ts'

// A quota of pages behaves as a full disk does: SQLite answers the same error.
beforeAll(() => {
  worldsOn(async (clock) => {
    const records = sqliteRecords(':memory:', () => clock.now(), { mostBytes: 1_500_000 })
    return { records, close: () => records.close() }
  })
})

const kinds = ['AWD', 'AWDS', 'CRED', 'IDEM', 'L', 'OFF', 'OFFER', 'OFFS', 'OUT', 'SL']

/** An item that lands somewhere among those of the institution, in the table and in each of its indexes. */
function filler(number: number, size: number) {
  const name = createHash('sha256').update(`${number} ${size}`).digest('hex')
  const pk = `T#${northLake.tag}#${kinds[number % kinds.length]}#${name}`
  const index = { pk, sk: name }
  const data = { filler: 'x'.repeat(size) }
  return { pk, sk: 'META', version: 1, gsi1: index, gsi2: index, ttl: 4_000_000_000 + number, data }
}

/** Fills the storage until hardly any page has room; answers how to make room again. */
async function fill(records: Records): Promise<() => Promise<void>> {
  const put: RecordKey[] = []
  for (const size of [100_000, 1000, 100, 1]) {
    for (let number = 0, refusals = 0; refusals < 100; number++) {
      try {
        const item = filler(number, size)
        await records.transact([{ put: item }])
        put.push({ pk: item.pk, sk: item.sk })
        refusals = 0
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'storage_full' })
        refusals++
      }
    }
  }
  return async () => {
    for (const key of put) await records.transact([{ delete: key }])
  }
}

/** The code a wallet would read from the offer that a link leads to. */
async function codeOf({ request }: Academy, link: string): Promise<string> {
  const { pathname } = new URL(new URL(link).searchParams.get('credential_offer_uri') ?? '')
  const offer = (await (await request(pathname)).json()) as {
    grants: Record<string, { 'pre-authorized_code': string }>
  }
  return Object.values(offer.grants)[0]?.['pre-authorized_code'] ?? ''
}

const createOffering = `mutation ($input: CreateOfferingInput!) { createOffering(input: $input) {
  __typename ... on Offering { id } ... on Refusal { code message } } }`
const revokeAward = `mutation ($input: ChangeAwardStatusInput!) { revokeAward(input: $input) {
  __typename ... on Award { state } ... on Refusal { code } } }`

/** Knocks at one door after the other until one says that the disk is full: until then a page here and there has room. */
async function untilFull<T>(doors: readonly T[], isFull: (door: T) => Promise<boolean>): Promise<T> {
  for (const door of doors) if (await isFull(door)) return door
  throw new Error('there was room for everything')
}

test('a full disk is said plainly at every door, loses nothing that was answered, and passes when there is room', async () => {
  const edge = await academy()
  const { ports, request, graphql, logged } = edge
  const registrar = await edge.tokenOf('registrar')
  const learned = await ports.learner()
  const awards = []
  for (let count = 0; count < 24; count++) awards.push(await ports.award({ learner: learned.learner }))
  const codes = []
  for (const { offer, learner } of awards.slice(0, 12)) {
    const presented = await presentOffer(offer.id, { signedInAs: learner.id }, ports)
    if (presented.state === 'presented') codes.push(await codeOf(edge, presented.uri))
  }
  const makeRoom = await fill(ports.records)

  const create = async (requestId: string) => {
    const input = {
      requestId,
      moduleId: [...ports.ontology.modules.keys()][0],
      startsOn: '2026-11-01',
      endsOn: '2027-03-31',
      language: 'en',
      seats: 5,
    }
    return (await graphql(createOffering, { token: registrar, variables: { input } })).data
  }
  const revoke = async (awardId: string) => {
    const input = { requestId: requestIdOf(awardId), awardId, reason: 'Copied.' }
    return (await graphql(revokeAward, { token: registrar, variables: { input } })).data
  }
  const redeem = (code: string) =>
    request('/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
        'pre-authorized_code': code,
      }).toString(),
    })
  const claim = (offerId: string) => request(`/claim/${offerId}`, { headers: { accept: 'text/html' } })

  const refusedOffering = await untilFull(
    awards.map(({ award }) => requestIdOf(award.id)),
    async (requestId) => {
      const answer = (await create(requestId))?.['createOffering'] as { code?: string; message?: string }
      if (answer.code) {
        expect(answer).toMatchObject({
          code: 'storage_full',
          message: 'The storage is full. Nothing was saved; try again later.',
        })
      }
      return answer.code !== undefined
    },
  )
  const refusedAward = await untilFull(
    awards.map(({ award }) => award.id),
    async (awardId) => {
      const answer = (await revoke(awardId))?.['revokeAward'] as { code?: string }
      if (answer.code) expect(answer.code).toBe('storage_full')
      return answer.code !== undefined
    },
  )
  const refusedCode = await untilFull(codes, async (code) => {
    const answer = await redeem(code)
    if (answer.status === 200) return false
    expect(answer.status).toBe(507)
    expect(await answer.json()).toMatchObject({ code: 'storage_full' })
    return true
  })
  await untilFull(
    awards.slice(12).map(({ offer }) => offer.id),
    async (offerId) => {
      const page = await claim(offerId)
      if (page.status !== 507) return false
      expect(await page.text()).toMatch(/No room to save it[\s\S]*storage_full/)
      return true
    },
  )

  // Reading goes on, and shows the state before.
  const read = await graphql('query ($id: ID!) { award(id: $id) { state } }', {
    token: registrar,
    variables: { id: refusedAward },
  })
  expect(read.data).toEqual({ award: { state: 'valid' } })
  expect((await request('/verify', { headers: { accept: 'text/html' } })).status).toBe(200)
  expect((await request('/nonce', { method: 'POST' })).status).toBe(200)
  expect((await request('/readyz')).status).toBe(200)
  expect(logged, 'a full disk is no defect of ours').toEqual([])

  // What was refused left no trace: the same requests and the same code work once there is room.
  await makeRoom()
  expect((await redeem(refusedCode)).status).toBe(200)
  expect(await create(refusedOffering)).toMatchObject({ createOffering: { __typename: 'Offering' } })
  expect(await revoke(refusedAward)).toMatchObject({ revokeAward: { state: 'revoked' } })
})
