import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { keyFolder, masterSecret } from '#adapters/file/key-folder.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { keys as itemKeys } from '#adapters/store/keys.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { outboxEvent } from '#adapters/store/outbox.ts'
import { makeStore } from '#adapters/store/store.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import { zId } from '#core/parse.ts'
import type { Records } from '#core/records.ts'
import { northLake } from '#functions/seed/institutions.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 3)

const zAnswered = z.union([
  z.object({ learnerId: zId('lrn'), changed: zId('awd'), state: z.string() }),
  z.object({
    learnerId: zId('lrn'),
    assessment: zId('asm'),
    award: zId('awd').optional(),
    offer: zId('ofr').optional(),
  }),
])
type Answered = z.output<typeof zAnswered>

test(`after ${rounds} times kill -9, every answered write is there and nothing is half-written`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-crash-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const answered: Answered[] = []
  for (let round = 0; round < rounds; round++) {
    answered.push(...(await writeUntilKilled(folder)))
    await expectWhole(folder, answered)
  }
  expect(answered.filter((one) => 'award' in one).length).toBeGreaterThanOrEqual(rounds)
  expect(answered.filter((one) => 'changed' in one).length).toBeGreaterThanOrEqual(rounds)
}, 120_000)

/** What the writer had answered when it was killed, at a random moment of its work. */
async function writeUntilKilled(folder: string): Promise<Answered[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-writer.ts'), folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collect(child)
  const ended = once(child, 'close')
  await Promise.race([output.someLines, ended])
  await pause(20 + Math.random() * 300)
  child.kill('SIGKILL')
  const [, signal] = await ended
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${output.errors()}`)
  // The last line may be cut off: then it was not answered.
  const whole = output.text().split('\n').slice(0, -1)
  return whole.map((line) => zAnswered.parse(JSON.parse(line)))
}

function collect(child: ChildProcess) {
  let text = ''
  let errors = ''
  // A few, so that even on a slow machine each round has a pass and a change of status to lose.
  const someLines = new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.split('\n').length > 5) resolve()
    })
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  return { someLines, text: () => text, errors: () => errors }
}

async function expectWhole(folder: string, answered: Answered[]): Promise<void> {
  const file = join(folder, 'records.sqlite')
  expect(existsSync(`${file}-wal`)).toBe(true)
  const records = sqliteRecords(file, () => systemClock.now())
  const store = makeStore({
    records,
    clock: systemClock,
    random: systemRandom,
    masterKey: masterKey(masterSecret(keyFolder(join(folder, 'keys')))),
  })
  try {
    for (const one of answered) {
      if ('changed' in one) {
        expect((await store.findAward(one.changed))?.status.state).toBe(one.state)
        continue
      }
      expect((await store.assessmentsOf(one.learnerId)).map(({ id }) => id)).toContain(one.assessment)
      if (one.award) expect(await store.findAward(one.award)).toMatchObject({ learnerId: one.learnerId })
      if (one.offer) expect(await records.get(itemKeys.offer(one.offer))).toBeDefined()
    }
    const events = await allEvents(records)
    await expectAwardsWhole(store, events)
  } finally {
    records.close()
  }
  const raw = new DatabaseSync(file)
  expect(raw.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  raw.close()
}

async function allEvents(records: Records): Promise<OutboxEvent[]> {
  const events: OutboxEvent[] = []
  let cursor: string | undefined
  do {
    const page = await records.query({
      pk: itemKeys.outbox(northLake.tag),
      limit: 1000,
      ...(cursor ? { cursor } : {}),
    })
    events.push(...page.items.map(outboxEvent))
    cursor = page.cursor
  } while (cursor)
  return events
}

/** No award without its offer, assessment and events; numbers without a gap; the learner's item agrees. */
async function expectAwardsWhole(store: ReturnType<typeof makeStore>, events: OutboxEvent[]): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await store.listAwards(northLake.tag, { limit: 200, ...(cursor ? { cursor } : {}) })
    for (const award of page.items) {
      const offers = await store.offersOf(award.learnerId)
      expect(offers.map(({ awardId }) => awardId)).toEqual([award.id])
      expect((await store.assessmentsOf(award.learnerId)).map(({ id }) => id)).toContain(award.assessmentId)
      const own = events.filter(({ learnerId }) => learnerId === award.learnerId)
      const told = award.status.state === 'valid' ? [] : ['award.status-changed']
      expect(own.map(({ type }) => type)).toEqual(['award.made', 'offer.opened', ...told])
      expect(own.map(({ seq }) => seq)).toEqual(own.map((_, position) => position + 1))
      expect((await store.findLearner(award.learnerId))?.rev).toBe(own.length)
    }
    cursor = page.cursor
  } while (cursor)
}
