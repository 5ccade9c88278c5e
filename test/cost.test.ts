import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { openOffer } from '#core/credentials/open-offer.ts'
import { presentOffer } from '#core/credentials/present-offer.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import type { RecordItem, Records } from '#core/records.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { httpsAcademy } from '#test/support/https-academy.ts'
import { makeWallet } from '#test/support/wallet.ts'
import { worldsOn } from '#test/support/world-engine.ts'
import { costTable, loadRows, perCredential, perVerification } from './support/cost.ts'

const used = { writeUnits: 0, readUnits: 0 }
const bytesOf = (item: unknown) => Buffer.byteLength(JSON.stringify(item ?? ''))
const indexesOf = ({ gsi1, gsi2 }: RecordItem) => Number(gsi1 !== undefined) + Number(gsi2 !== undefined)

/** Counts units as DynamoDB bills them: 1 KB a write and 4 KB a read, twice for what is written in a transaction. */
function metered(records: Records): Records {
  return {
    async get(key) {
      const item = await records.get(key)
      used.readUnits += Math.max(1, Math.ceil(bytesOf(item) / 4096))
      return item
    },
    async query(query) {
      const page = await records.query(query)
      used.readUnits += Math.max(1, Math.ceil(bytesOf(page.items) / 4096)) * (query.index ? 0.5 : 1)
      return page
    },
    transact(writes) {
      for (const write of writes) {
        const units = 'put' in write ? Math.ceil(bytesOf(write.put) / 1024) : 1
        used.writeUnits += units * 2 + ('put' in write ? units * indexesOf(write.put) : 0)
      }
      return records.transact(writes)
    },
  }
}

worldsOn(async (clock) => {
  const records = sqliteRecords(':memory:', () => clock.now())
  return { records: metered(records), close: () => records.close() }
})

async function unitsOf(work: () => Promise<unknown>) {
  Object.assign(used, { writeUnits: 0, readUnits: 0 })
  await work()
  return { ...used }
}

test('a credential and a verification use of DynamoDB what the operations manual counts', async () => {
  const academy = await httpsAcademy()
  // A status list is opened once for 65,536 credentials, with its decoys: that is not what one more costs.
  await academy.store.drawStatusIndex(academy.institutions.northLake.tag, academy.settings.statusListSize)
  const { award } = await academy.award()
  const wallet = await makeWallet(academy.certificate, () => academy.clock.now())
  let credential = ''
  const collected = await unitsOf(async () => {
    const offer = openOffer(award, { txCode: 'none', configurationIds: ['AiSkill_sdjwt'] }, academy)
    await academy.store.saveOfferOnce(academy.request('offer'), offer)
    const presented = await presentOffer(offer.id, {}, academy)
    if (presented.state !== 'presented') throw new Error('the offer is being collected')
    credential = (await wallet.collect(presented.uri))[0]?.credential ?? ''
    // What is told of it to status lists, mail and graph; in a wave a hundred events are forgotten at once.
    await deliverEvents(academy)
  })
  const verified = await unitsOf(async () =>
    expect(await verifyCredential(credential, {}, academy)).toMatchObject({ verified: true }),
  )
  const { writeUnits, readUnits } = perCredential
  expect(collected).toEqual({ writeUnits, readUnits })
  expect(verified).toEqual({ writeUnits: perVerification.writeUnits, readUnits: perVerification.readUnits })
})

test.each([
  ['cost', costTable()],
  ['load', loadRows()],
])('what docs/operations.md says of %s is the arithmetic of test/support/cost.ts', (name, computed) => {
  const flat = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\| *-/.test(line))
      .map((line) => line.replace(/ +/g, ' '))
  const manual = readFileSync('docs/operations.md', 'utf8')
  const section = manual.split(`<!-- ${name} -->`)[1] ?? ''
  expect(flat(section)).toEqual(expect.arrayContaining(flat(computed)))
})
