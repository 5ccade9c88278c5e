import type { AttemptId } from '#core/ids.ts'
import { type Attempt, isLive } from '#core/practicals/attempt.ts'
import type { Run } from '#core/practicals/run.ts'
import type { AttemptEvent, RunStore } from '#core/practicals/run-store.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { Request } from '#core/store.ts'
import { writeAudited } from './audit.ts'
import { changedMark } from './changed-mark.ts'
import { at, keys, tenantOfId } from './keys.ts'
import { findAnswer, writeOnce } from './once.ts'
import { attemptChanged, attemptItem, decidedWrite, decodeAttempt } from './run-item.ts'
import { allOf, pageOf, type StoreParts } from './store-parts.ts'
import { usageWrites } from './usage.ts'
import { fromItem, toData, zId } from './z-items.ts'
import { zAttemptEvent, zRun } from './z-run.ts'

const mostTries = 50

/** Attempts and their runs. Each step is one transaction under the versions its caller read. */
export function runStore(parts: StoreParts): RunStore {
  const { records, clock } = parts

  async function findAttempt(id: AttemptId): Promise<Attempt | undefined> {
    const item = await records.get(keys.attempt(id))
    return item && decodeAttempt(item)
  }

  async function stored(id: AttemptId): Promise<Attempt> {
    const attempt = await findAttempt(id)
    if (!attempt) throw new Error('an answered attempt is gone')
    return attempt
  }

  async function answeredAttempt(request: Request): Promise<Attempt | undefined> {
    const answered = await findAnswer(records, request)
    return answered && stored(zId('att').parse(answered.result))
  }

  return {
    answeredAttempt,

    async saveAttemptOnce(request, attempt, run, usage) {
      const live = { ...liveKey(attempt), version: 1, data: { attempt: attempt.id } }
      const started: AttemptEvent = {
        number: 1,
        at: attempt.createdAt,
        run: run.number,
        type: 'started',
        state: run.state,
        effects: [],
      }
      const own: RecordWrite[] = [
        { put: live, if: 'absent' },
        { put: attemptItem(attempt, 1), if: 'absent' },
        { put: runItem(run, 1), if: 'absent' },
        { put: eventItem(attempt.id, started), if: 'absent' },
        changedMark(attempt.learnerId),
      ]
      for (let tries = 0; tries < mostTries; tries++) {
        // A repeat must not be told that the budget, which its own first time used, is used up.
        const answered = await answeredAttempt(request)
        if (answered) return answered
        const counters = await usageWrites(records, [usage])
        const outcome = await writeOnce(records, clock.now(), request, attempt.id, [...own, ...counters])
        if (outcome.outcome === 'written') return stored(attempt.id)
        if (outcome.outcome === 'repeated') return stored(zId('att').parse(outcome.result))
        if (outcome.failed === 0)
          throw new Refusal('practical_already_running', 'An attempt at this practical is still under way.')
        if (outcome.failed < own.length) throw new Error('a fresh id was taken')
      }
      throw new Refusal('storage_busy', 'Too many attempts at once; try again.')
    },

    async saveStep({ attempt, runs, event, usage = [] }) {
      const steps = attempt.steps + (event ? 1 : 0)
      const own: RecordWrite[] = [
        { put: attemptItem({ ...attempt, steps }, attempt.version + 1), if: { version: attempt.version } },
        ...(event
          ? [{ put: eventItem(attempt.id, { ...event, number: steps }), if: 'absent' as const }]
          : []),
        ...runs.map(
          (run): RecordWrite => ({
            put: runItem(run, run.version + 1),
            if: run.version === 0 ? 'absent' : { version: run.version },
          }),
        ),
      ]
      if (!isLive(attempt)) own.push({ delete: liveKey(attempt) })
      for (let tries = 0; tries < mostTries; tries++) {
        const answer = await records.transact([...own, ...(await usageWrites(records, usage))])
        if (answer.ok) return true
        // A counter that others moved is read again; an attempt that others moved is theirs.
        if (answer.failed < own.length) return false
      }
      throw new Refusal('storage_busy', 'Too many attempts at once; try again.')
    },

    async saveOverrideOnce(request, attempt, audit) {
      const writes: RecordWrite[] = [decidedWrite(attempt)]
      // Nothing more is written about somebody who was erased; what waits without words can still be refused.
      const speaks = attempt.state === 'graded' && attempt.overrides?.some(({ reason }) => reason !== '')
      if (speaks) writes.push({ check: keys.learnerKey(attempt.learnerId), if: 'present' })
      const outcome = await writeAudited(parts, request, attempt.id, writes, audit)
      if (outcome.outcome === 'failed')
        throw outcome.failed === 0 ? attemptChanged() : new Refusal('not_found', 'There is no such learner.')
      return stored(attempt.id)
    },

    endedAttempts(offeringId, page) {
      const query = { index: 'gsi2', pk: keys.endedAttempts(offeringId), descending: true } as const
      return pageOf(parts, tenantOfId(offeringId), query, page, decodeAttempt)
    },

    async forgetConfiguration(id) {
      for (let tries = 0; tries < 20; tries++) {
        const item = await records.get(keys.attempt(id))
        if (!item) return undefined
        const version = item.version + 1
        const { overrides, ...data } = item.data
        const silent = Array.isArray(overrides)
          ? { overrides: overrides.map((one) => ({ ...(one as object), reason: '' })) }
          : {}
        const put = { ...item, version, data: { ...data, ...silent, configuration: null, version } }
        const { ok } = await records.transact([{ put, if: { version: item.version }, forgets: true }])
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

    async dueAttempts(tenant, site, until, limit) {
      const { items } = await records.query({
        index: 'gsi2',
        pk: keys.dueAttempts(tenant, site),
        sk: { from: '0', to: at(until) },
        limit,
      })
      return items.map(decodeAttempt).filter(isLive)
    },
  }
}

const liveKey = (attempt: Attempt) => keys.liveAttempt(attempt.learnerId, attempt.practical.id)

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

const decodeRun = (item: RecordItem) => fromItem(zRun, 'run', item)
