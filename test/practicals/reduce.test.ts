import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttemptId, RunId } from '#core/ids.ts'
import { jobOutcomes } from '#core/practicals/queue.ts'
import { patience, reduce } from '#core/practicals/reduce.ts'
import { isFinal, type Run } from '#core/practicals/run.ts'
import type { RunEvent } from '#core/practicals/run-events.ts'

const start = new Date('2026-11-23T09:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000)

const created: Run = {
  id: 'run' as RunId,
  attemptId: 'att' as AttemptId,
  stage: 'work',
  number: 1,
  try: 1,
  key: 'ska-aaaaaaaaaaaaaaaaaaaaaaaa',
  nonce: 'nonce',
  wallSeconds: 60,
  pendingSeconds: 86_400,
  createdAt: start,
  version: 0,
  state: 'CREATED',
  notBefore: start,
}

const valid: RunEvent = { type: 'delivered', at: later(40), delivery: { verdict: 'valid', sha256: 'aa' } }
const invalid: RunEvent = {
  type: 'delivered',
  at: later(40),
  delivery: { verdict: 'invalid', reason: 'signature' },
}
const reserved: RunEvent = { type: 'budget-reserved', at: later(1) }
const reservedOwn: RunEvent = { ...reserved, ownAccount: true }
const submitted: RunEvent = { type: 'submitted', jobId: '7', at: later(2) }
const running: RunEvent = { type: 'running', startedAt: later(5), at: later(6) }
const endedWith = (outcome: (typeof jobOutcomes)[number], at = 30): RunEvent => ({
  type: 'ended',
  outcome,
  reason: outcome.toUpperCase(),
  startedAt: later(5),
  endedAt: later(at),
  at: later(at),
})
const unknown = (at: number): RunEvent => ({ type: 'unknown', at: later(at) })

const play = (events: RunEvent[], from: Run = created) =>
  events.reduce((run, event) => reduce(run, event).run, from)
/** What matters of an end: the state and why. */
const endOf = (run: Run) => ({ state: run.state, reason: 'reason' in run ? run.reason : undefined })

const anyEvent: fc.Arbitrary<RunEvent> = fc
  .integer({ min: 0, max: 200_000 })
  .map(later)
  .chain((at) =>
    fc.oneof(
      fc.constantFrom<RunEvent>(
        { type: 'budget-reserved', at },
        { type: 'budget-reserved', at, ownAccount: true },
        { type: 'quota-exceeded', at },
        { type: 'submitted', jobId: '7', at },
        { type: 'found', jobId: '8', at },
        { type: 'not-found', at },
        { type: 'pending', at },
        { type: 'running', startedAt: at, at },
        { type: 'unknown', at },
        { type: 'cancel-asked', at },
        { type: 'tick', at },
        { ...valid, at },
        { ...invalid, at },
      ),
      fc
        .constantFrom('rejected', 'auth', 'unavailable', 'unconfirmed')
        .map((kind): RunEvent => ({ type: 'submit-failed', kind: kind as 'auth', reason: kind, at })),
      fc
        .constantFrom(...jobOutcomes)
        .map((outcome): RunEvent => ({ type: 'ended', outcome, reason: outcome, endedAt: at, at })),
    ),
  )

describe('a run', () => {
  test('no event leaves a final state', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), anyEvent, (history, event) => {
        const run = play(history)
        fc.pre(isFinal(run))
        const after = reduce(run, event)
        expect(after.run).toBe(run)
        expect(after.effects).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  test('every history keeps what the run is: key, nonce, try and stage never change', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (history) => {
        const { id, key, nonce, stage, number } = play(history)
        expect({ id, key, nonce, stage, number }).toMatchObject({
          id: created.id,
          key: created.key,
          nonce: created.nonce,
          stage: 'work',
          number: 1,
        })
      }),
    )
  })

  test('any order of scheduler state and delivery gives the same end', () => {
    const ends = fc.constantFrom<RunEvent[]>(
      ...jobOutcomes.map((outcome) => [endedWith(outcome)]),
      [unknown(20), unknown(25)],
      [unknown(20), endedWith('completed')],
    )
    const noise = fc.array(
      fc.constantFrom<RunEvent>(running, { type: 'tick', at: later(20) }, { type: 'pending', at: later(8) }),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(
        ends,
        fc.constantFrom(valid, invalid),
        noise,
        fc.nat(),
        fc.constantFrom(reserved, reservedOwn),
        (scheduler, delivery, extra, seed, sent) => {
          const begun = play([sent, submitted, running])
          const wait: RunEvent[] = [{ type: 'tick', at: later(40 + patience.deliverySeconds) }]
          const events = [...scheduler, ...extra]
          const early = [delivery, ...events, ...wait]
          const late = [...events, delivery, ...wait]
          const within = [...events]
          within.splice(seed % (events.length + 1), 0, delivery)
          const expected = endOf(play(early, begun))
          expect(endOf(play(late, begun))).toEqual(expected)
          expect(endOf(play([...within, ...wait], begun))).toEqual(expected)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('from every live state, silence, answers and time lead to a final state', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (history) => {
        let run = play(history)
        for (let turn = 0; turn < 60 && !isFinal(run); turn++) {
          const at = later(300_000 + turn * 100_000)
          // The site has forgotten everything; nothing was delivered.
          const answer: RunEvent =
            run.state === 'CREATED'
              ? { type: 'quota-exceeded', at }
              : run.state === 'SUBMITTING'
                ? { type: 'submit-failed', kind: 'unconfirmed', reason: '', at }
                : run.state === 'UNCONFIRMED'
                  ? { type: 'found', jobId: '7', at }
                  : run.state === 'COLLECTING' || run.state === 'LOST'
                    ? { type: 'tick', at }
                    : { type: 'unknown', at }
          run = reduce(run, answer).run
        }
        expect(isFinal(run)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the table of transitions', () => {
  const queued = play([reserved, submitted])
  const begun = play([reserved, submitted, running])
  const sending = play([reserved])
  const unconfirmed = play(
    [{ type: 'submit-failed', kind: 'unconfirmed', reason: '', at: later(3) }],
    sending,
  )
  const collecting = play([endedWith('completed')], begun)
  const lost = play([unknown(10), unknown(12)], begun)

  test.each<[string, Run, RunEvent, string, string[]]>([
    ['a reserved budget sends the job', created, reserved, 'SUBMITTING', ['submit']],
    ['no budget rejects', created, { type: 'quota-exceeded', at: later(1) }, 'REJECTED', ['tell']],
    ['a job id queues', sending, submitted, 'QUEUED', ['poll']],
    [
      'a rejected job ends',
      sending,
      { type: 'submit-failed', kind: 'rejected', reason: 'no', at: later(3) },
      'REJECTED',
      ['release', 'tell'],
    ],
    [
      'a site that does not know us is tried again later',
      sending,
      { type: 'submit-failed', kind: 'auth', reason: '', at: later(3) },
      'CREATED',
      ['release', 'alarm'],
    ],
    [
      'an unanswered request is looked for',
      sending,
      { type: 'submit-failed', kind: 'unconfirmed', reason: '', at: later(3) },
      'UNCONFIRMED',
      ['resolve'],
    ],
    [
      'a job found by its key is adopted',
      unconfirmed,
      { type: 'found', jobId: '7', at: later(5) },
      'QUEUED',
      ['poll'],
    ],
    ['a start is noted', queued, running, 'RUNNING', ['poll']],
    [
      'a job pending for a day is given up',
      queued,
      { type: 'pending', at: later(86_400 + 10) },
      'STUCK',
      ['cancel', 'alarm'],
    ],
    [
      'a job that outlives its limit by ten minutes is stuck',
      begun,
      { type: 'tick', at: later(5 + 60 + patience.overrunSeconds) },
      'STUCK',
      ['cancel', 'alarm'],
    ],
    ['a finished job is collected', begun, endedWith('completed'), 'COLLECTING', ['collect']],
    ['a job that ran too long fails the learner', begun, endedWith('timeout'), 'FAILED', ['settle', 'tell']],
    [
      'a job that used too much memory fails the learner',
      begun,
      endedWith('out-of-memory'),
      'FAILED',
      ['settle', 'tell'],
    ],
    [
      'a node that failed is not the learner',
      begun,
      endedWith('infrastructure'),
      'INFRA',
      ['release', 'retry'],
    ],
    [
      'a job stopped by the site is not the learner',
      begun,
      endedWith('cancelled'),
      'INFRA',
      ['release', 'retry'],
    ],
    [
      'a job stopped at the site under the learner’s own account is the learner’s doing',
      play([reservedOwn, submitted, running]),
      endedWith('cancelled'),
      'CANCELLED',
      ['settle'],
    ],
    ['also before it began', play([reservedOwn, submitted]), endedWith('cancelled'), 'CANCELLED', ['settle']],
    [
      'a node that failed under the learner’s own account is not the learner',
      play([reservedOwn, submitted, running]),
      endedWith('infrastructure'),
      'INFRA',
      ['release', 'retry'],
    ],
    [
      'what is stopped with its site is not the learner, under whatever account',
      play([reservedOwn, submitted, running, { type: 'site-stopped', at: later(9) }]),
      endedWith('cancelled'),
      'INFRA',
      ['release', 'retry'],
    ],
    ['a valid delivery is done', collecting, valid, 'DONE', ['settle', 'grade']],
    ['an invalid delivery fails with an alarm', collecting, invalid, 'FAILED', ['settle', 'alarm']],
    [
      'nothing delivered in ten minutes is the site',
      collecting,
      { type: 'tick', at: later(31 + patience.deliverySeconds) },
      'INFRA',
      ['release', 'retry'],
    ],
    ['a job forgotten twice is lost', play([unknown(10)], begun), unknown(12), 'LOST', ['collect', 'alarm']],
    ['a valid delivery proves a lost job', lost, valid, 'DONE', ['settle', 'grade']],
    [
      'a lost job without delivery is the site',
      lost,
      { type: 'tick', at: later(20 + patience.deliverySeconds) },
      'INFRA',
      ['release', 'retry'],
    ],
    [
      'under the learner’s own account a lost job without delivery is theirs',
      play([reservedOwn, submitted, running, unknown(10), unknown(12)]),
      { type: 'tick', at: later(20 + patience.deliverySeconds) },
      'FAILED',
      ['settle', 'alarm'],
    ],
    [
      'but not when it was lost while it was being given up here',
      play([
        reservedOwn,
        submitted,
        running,
        { type: 'site-stopped', at: later(9) },
        unknown(10),
        unknown(12),
      ]),
      { type: 'tick', at: later(20 + patience.deliverySeconds) },
      'INFRA',
      ['release', 'retry'],
    ],
    [
      'a cancel before sending ends at once',
      created,
      { type: 'cancel-asked', at: later(1) },
      'CANCELLED',
      ['release'],
    ],
    [
      'a cancel while unconfirmed looks for the job first',
      unconfirmed,
      { type: 'cancel-asked', at: later(4) },
      'CANCELLING',
      ['resolve'],
    ],
    [
      'a cancel while running stops the job',
      begun,
      { type: 'cancel-asked', at: later(9) },
      'CANCELLING',
      ['cancel'],
    ],
    [
      'an ended job has nothing to cancel',
      collecting,
      { type: 'cancel-asked', at: later(32) },
      'COLLECTING',
      [],
    ],
  ])('%s', (_title, from, event, state, effects) => {
    const reduced = reduce(from, event)
    expect(reduced.run.state).toBe(state)
    expect(reduced.effects.map(({ type }) => type)).toEqual(effects)
  })

  test('an unanswered request is sent again only after two empty looks and a minute', () => {
    const miss = (seconds: number): RunEvent => ({ type: 'not-found', at: later(seconds) })
    expect(play([miss(10), miss(20)], unconfirmed).state).toBe('UNCONFIRMED')
    expect(play([miss(90)], unconfirmed).state).toBe('UNCONFIRMED')
    expect(play([miss(10), miss(90)], unconfirmed).state).toBe('SUBMITTING')
  })

  test('a run that moved to a site of shared accounts is not taken for one under the learner’s own', () => {
    const away: RunEvent = { type: 'submit-failed', kind: 'unavailable', reason: '', at: later(2) }
    const moved = play([reservedOwn, away, { ...reserved, at: later(60) }, submitted, running])
    expect(moved.state).toBe('RUNNING')
    expect(play([endedWith('cancelled')], moved).state).toBe('INFRA')
  })

  test('a cancelled job that ended by itself is cancelled all the same', () => {
    const stopping = play([{ type: 'cancel-asked', at: later(9) }], begun)
    expect(play([endedWith('completed')], stopping).state).toBe('CANCELLED')
  })
})
