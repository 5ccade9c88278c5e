import type { AttemptId } from '#core/ids.ts'
import { type Attempt, isLive } from '#core/practicals/attempt.ts'
import type { Run } from '#core/practicals/run.ts'
import type { AttemptEvent, RunStore } from '#core/practicals/run-store.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { changedMark } from './changed-mark.ts'
import { at, keys } from './keys.ts'
import { writeOnce } from './once.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zId } from './z-items.ts'
import { zAttempt, zAttemptEvent, zRun } from './z-run.ts'

/** Attempts and their runs. Each step is one transaction under the versions its caller read. */
export function runStore({ records, clock }: StoreParts): RunStore {
  async function findAttempt(id: AttemptId): Promise<Attempt | undefined> {
    const item = await records.get(keys.attempt(id))
    return item && decodeAttempt(item)
  }

  return {
    async saveAttemptOnce(request, attempt, run) {
      const live = { ...liveKey(attempt), version: 1, data: { attempt: attempt.id } }
      const started: AttemptEvent = {
        number: 1,
        at: attempt.createdAt,
        run: run.number,
        type: 'started',
        state: run.state,
        effects: [],
      }
      const outcome = await writeOnce(records, clock.now(), request, attempt.id, [
        { put: live, if: 'absent' },
        { put: attemptItem(attempt, 1), if: 'absent' },
        { put: runItem(run, 1), if: 'absent' },
        { put: eventItem(attempt.id, started), if: 'absent' },
        changedMark(attempt.learnerId),
      ])
      if (outcome.outcome === 'failed') {
        if (outcome.failed > 0) throw new Error('a fresh id was taken')
        throw new Refusal('practical_already_running', 'An attempt at this practical is still under way.')
      }
      const id = outcome.outcome === 'repeated' ? zId('att').parse(outcome.result) : attempt.id
      const stored = await findAttempt(id)
      if (!stored) throw new Error('an answered attempt is gone')
      return stored
    },

    async saveStep({ attempt, runs, event }) {
      const number = attempt.version + 1
      const writes: RecordWrite[] = [
        { put: attemptItem(attempt, number), if: { version: attempt.version } },
        { put: eventItem(attempt.id, { ...event, number }), if: 'absent' },
        ...runs.map(
          (run): RecordWrite => ({
            put: runItem(run, run.version + 1),
            if: run.version === 0 ? 'absent' : { version: run.version },
          }),
        ),
      ]
      if (!isLive(attempt)) writes.push({ delete: liveKey(attempt) })
      return (await records.transact(writes)).ok
    },

    async forgetConfiguration(id) {
      for (let tries = 0; tries < 20; tries++) {
        const item = await records.get(keys.attempt(id))
        if (!item) return undefined
        const version = item.version + 1
        const put = { ...item, version, data: { ...item.data, configuration: null, version } }
        const { ok } = await records.transact([{ put, if: { version: item.version } }])
        if (ok) return decodeAttempt(put)
      }
      throw new Refusal('storage_busy', 'The attempt is changing right now; try again.')
    },

    findAttempt,

    async runsOf(id) {
      const query = { pk: keys.attempt(id).pk, sk: { beginsWith: 'RUN#' } }
      return (await allOf(records, query)).map(decodeRun)
    },

    async attemptEventsOf(id) {
      const query = { pk: keys.attempt(id).pk, sk: { beginsWith: 'EV#' } }
      return (await allOf(records, query)).map((item) => fromItem(zAttemptEvent, 'attempt event', item))
    },

    async attemptsOf(learnerId) {
      const query = {
        index: 'gsi1' as const,
        pk: keys.learnerPartition(learnerId),
        sk: { beginsWith: 'ATT#' },
        descending: true,
      }
      return (await allOf(records, query)).map(decodeAttempt)
    },

    async dueAttempts(tenant, now, limit) {
      const { items } = await records.query({
        index: 'gsi2',
        pk: keys.dueAttempts(tenant),
        sk: { from: '0', to: at(now) },
        limit,
      })
      return items.map(decodeAttempt)
    },
  }
}

const liveKey = (attempt: Attempt) => keys.liveAttempt(attempt.learnerId, attempt.practical.id)

const attemptItem = (attempt: Attempt, version: number): RecordItem => ({
  ...keys.attempt(attempt.id),
  version,
  gsi1: { pk: keys.learnerPartition(attempt.learnerId), sk: `ATT#${at(attempt.createdAt)}#${attempt.id}` },
  ...(isLive(attempt) ? { gsi2: { pk: keys.dueAttempts(attempt.tenant), sk: at(attempt.nextAt) } } : {}),
  data: toData({ ...attempt, version }),
})

const runItem = (run: Run, version: number): RecordItem => ({
  ...keys.run(run.attemptId, run.number),
  version,
  data: toData({ ...run, version }),
})

const eventItem = (id: AttemptId, event: AttemptEvent): RecordItem => ({
  ...keys.attemptEvent(id, event.number),
  version: 1,
  data: toData(event),
})

const decodeAttempt = (item: RecordItem) => fromItem(zAttempt, 'attempt', item)
const decodeRun = (item: RecordItem) => fromItem(zRun, 'run', item)
