import { describe, expect, test } from 'vitest'
import { advanceAttempt } from '#core/practicals/advance-attempt.ts'
import { nextStartOf } from '#core/practicals/attempts-of-day.ts'
import { cancelPractical } from '#core/practicals/cancel-practical.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { QueueError } from '#core/practicals/queue.ts'
import { attemptWorld, sitesOf } from './attempt-world.ts'

describe('a practical from start to end', () => {
  test('a run that meets its threshold is graded, evidenced and awarded', async () => {
    const w = await attemptWorld()
    const { id } = await w.start('pass')
    const attempt = await w.drive(id)
    expect(attempt).toMatchObject({ state: 'graded', recorded: 'assessment', graded: { outcome: 'passed' } })
    const [award] = await w.store.awardsOf(w.enrolled.learner.id)
    expect(award?.evidence).toMatchObject([
      {
        practical: 'inference-throughput',
        specHash: w.practical.specHash,
        environment: 'local',
        site: 'local',
        assurance: 'unsupervised-run',
        level: 1,
        metrics: [{ name: 'tokens_per_second_ratio', value: 2, unit: '1', threshold: 1.3 }],
        runDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ])
    expect(award?.evidence[0]?.hardware.cores).toBeGreaterThan(0)
    expect(attempt.phases.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['created', 'work-queued', 'grade-queued', 'ended']),
    )
    const runs = await w.store.runsOf(id)
    expect(runs.map(({ stage, state }) => [stage, state])).toEqual([
      ['work', 'DONE'],
      ['grade', 'DONE'],
    ])
    expect(new Set(runs.map(({ key }) => key)).size).toBe(2)
    const events = await w.store.attemptEventsOf(id)
    expect(events.map(({ number }) => number)).toEqual(events.map((_, at) => at + 1))
    const kept = await w.files.list(`${attempt.tenant}/attempts/`)
    expect(kept.filter((name) => /artefact\.json|manifest\.jws/.test(name))).toHaveLength(2)
  })

  test('a run below its threshold is graded as failed and makes no award', async () => {
    const w = await attemptWorld()
    const attempt = await w.drive((await w.start('slow')).id)
    expect(attempt).toMatchObject({
      state: 'graded',
      graded: { outcome: 'failed', metrics: [{ met: false }] },
    })
    expect(await w.store.awardsOf(w.enrolled.learner.id)).toEqual([])
    expect(await w.store.assessmentsOf(w.enrolled.learner.id)).toMatchObject([{ outcome: 'failed' }])
  })

  test('a fast run whose outputs are wrong scores nothing', async () => {
    const w = await attemptWorld()
    const attempt = await w.drive((await w.start('insane')).id)
    expect(attempt).toMatchObject({ state: 'graded', graded: { outcome: 'failed', scorePercent: 0 } })
  })

  test('an offering without local evidence keeps the run on record and credits nothing', async () => {
    const w = await attemptWorld({ allowsLocalEvidence: false })
    const attempt = await w.drive((await w.start('pass')).id)
    expect(attempt).toMatchObject({
      state: 'graded',
      recorded: 'not-credited',
      graded: { outcome: 'passed' },
    })
    expect(await w.store.awardsOf(w.enrolled.learner.id)).toEqual([])
  })

  test.each([
    ['work-fails', 'failed'],
    ['work-overruns', 'timeout'],
  ])('work that %s ends the attempt and says why', async (mode, reason) => {
    const w = await attemptWorld()
    expect(await w.drive((await w.start(mode)).id)).toMatchObject({ state: 'failed', stage: 'work', reason })
  })

  test('a forged manifest fails with an integrity alarm', async () => {
    const w = await attemptWorld()
    const { id } = await w.start('forged')
    expect(await w.drive(id)).toMatchObject({ state: 'failed', stage: 'grade', reason: 'integrity' })
    const events = await w.store.attemptEventsOf(id)
    expect(events.some(({ effects }) => effects.includes('alarm'))).toBe(true)
  })

  test('a grader that breaks costs the learner nothing', async () => {
    const w = await attemptWorld({ perDay: 1 })
    const attempt = await w.drive((await w.start('grade-fails')).id)
    expect(attempt).toMatchObject({ state: 'void' })
    expect(await nextStartOf(w.enrolled.learner.id, w.practical, w)).toBeUndefined()
  })

  test('a learner whose work breaks the grader again and again has no more of the site than their tries, twice', async () => {
    const w = await attemptWorld({ perDay: 2 })
    for (let broken = 0; broken < 4; broken++) {
      expect(await nextStartOf(w.enrolled.learner.id, w.practical, w)).toBeUndefined()
      await w.drive((await w.start('grade-fails')).id)
    }
    await expect(w.start('grade-fails')).rejects.toMatchObject({ code: 'quota_exceeded' })
    w.clock.advance({ days: 1, seconds: 1 })
    await expect(w.start('pass')).resolves.toMatchObject({ state: 'working' })
  })
})

describe('starting', () => {
  test('only one attempt of a learner at a practical lives at a time', async () => {
    const w = await attemptWorld()
    const first = await w.start('pass')
    await expect(w.start('pass')).rejects.toMatchObject({ code: 'practical_already_running' })
    await w.drive(first.id)
    expect((await w.start('pass')).id).not.toBe(first.id)
  })

  test('of many starts at once exactly one lives', async () => {
    const w = await attemptWorld()
    const started = await Promise.allSettled(Array.from({ length: 12 }, () => w.start('pass')))
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await w.store.attemptsOf(w.enrolled.learner.id)).toHaveLength(1)
  })

  test('repeating a request id answers the first attempt, also when it has ended', async () => {
    const w = await attemptWorld({ perDay: 1 })
    const first = await w.start('slow', 'the-same-request')
    expect((await w.start('slow', 'the-same-request')).id).toBe(first.id)
    await w.drive(first.id)
    expect(await w.start('slow', 'the-same-request')).toMatchObject({ id: first.id, state: 'graded' })
    await expect(w.start('pass', 'the-same-request')).rejects.toMatchObject({ code: 'request_conflict' })
  })

  test('the day’s attempts are counted, and the refusal says when the next may start', async () => {
    const w = await attemptWorld({ perDay: 1 })
    await w.drive((await w.start('slow')).id)
    const next = await nextStartOf(w.enrolled.learner.id, w.practical, w)
    await expect(w.start('pass')).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining(next?.toISOString() ?? 'nothing'),
    })
    w.clock.advance({ days: 1, seconds: 1 })
    await expect(w.start('pass')).resolves.toMatchObject({ state: 'working' })
  })

  test.each([[{}], [{ mode: 3 }], [{ mode: 'pass', more: 1 }], ['pass'], [null], [{ mode: 'x'.repeat(50) }]])(
    'the configuration %j is refused and nothing is written',
    async (configuration) => {
      const w = await attemptWorld()
      const input = { requestId: w.requestId(), offeringId: w.enrolled.offering.id, configuration }
      await expect(startPractical(w.learnerActor, input, w)).rejects.toMatchObject({ code: 'invalid_input' })
      expect(await w.store.attemptsOf(w.enrolled.learner.id)).toEqual([])
    },
  )

  test('a learner who is not enrolled, a stranger and another role are refused', async () => {
    const w = await attemptWorld()
    const input = {
      requestId: w.requestId(),
      offeringId: w.enrolled.offering.id,
      configuration: { mode: 'pass' },
    }
    const other = await w.learner()
    await expect(startPractical(other.actor, input, w)).rejects.toMatchObject({ code: 'not_enrolled' })
    const stranger = await w.learner({ tenant: w.institutions.mittelberg.tag })
    await expect(startPractical(stranger.actor, input, w)).rejects.toMatchObject({ code: 'not_found' })
    await expect(startPractical(w.actor('assessor'), input, w)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(startPractical(undefined, input, w)).rejects.toMatchObject({ code: 'not_signed_in' })
  })

  test('a module without a shipped practical has none to start', async () => {
    const w = await attemptWorld()
    const offering = await w.offering()
    await w.enrolment(w.enrolled.learner.id, offering)
    const input = { requestId: w.requestId(), offeringId: offering.id, configuration: { mode: 'pass' } }
    await expect(startPractical(w.learnerActor, input, w)).rejects.toMatchObject({
      code: 'module_has_no_practical',
    })
  })
})

describe('stopping', () => {
  test('an attempt can be stopped before it was sent and while it runs, at no cost', async () => {
    const w = await attemptWorld({ perDay: 1 })
    const first = await w.start('work-overruns')
    expect(await cancelPractical(w.learnerActor, { attemptId: first.id }, w)).toMatchObject({
      state: 'cancelled',
    })
    const second = await w.start('work-overruns')
    await w.drive(second.id, ({ phases }) => phases.some(({ phase }) => phase === 'work-running'))
    expect(await cancelPractical(w.learnerActor, { attemptId: second.id }, w)).toMatchObject({
      state: 'stopping',
    })
    expect(await w.drive(second.id)).toMatchObject({ state: 'cancelled' })
    const [run] = await w.store.runsOf(second.id)
    expect(await w.queue.get(run?.key ?? '')).toMatchObject({ outcome: 'cancelled' })
  })

  test('an ended attempt stays as it ended', async () => {
    const w = await attemptWorld()
    const ended = await w.drive((await w.start('pass')).id)
    expect(await cancelPractical(w.learnerActor, { attemptId: ended.id }, w)).toEqual(ended)
  })

  test('nobody stops another’s attempt', async () => {
    const w = await attemptWorld()
    const { id } = await w.start('pass')
    const other = await w.learner()
    await expect(cancelPractical(other.actor, { attemptId: id }, w)).rejects.toMatchObject({
      code: 'not_allowed',
    })
    const stranger = await w.learner({ tenant: w.institutions.mittelberg.tag })
    await expect(cancelPractical(stranger.actor, { attemptId: id }, w)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('what breaks in between', () => {
  test('a server killed while a job runs: the orphan is the site’s failure, tried again at no cost', async () => {
    const w = await attemptWorld()
    const { id } = await w.start('pass')
    await w.drive(id, ({ phases }) => phases.some(({ phase }) => phase === 'work-queued'))
    const after = w.restarted()
    const attempt = await after.drive(id)
    expect(attempt).toMatchObject({ state: 'graded', graded: { outcome: 'passed' } })
    expect((await w.store.attemptsOf(w.enrolled.learner.id)).length).toBe(1)
  })

  test('a site that fails three times voids the attempt, which does not count', async () => {
    const w = await attemptWorld({ perDay: 1 })
    const broken = {
      ...w,
      sites: sitesOf({
        ...w.queue,
        list: async (jobIds) => new Map(jobIds.map((jobId) => [jobId, nodeFail(jobId)])),
      }),
    }
    const { id } = await w.start('pass')
    let attempt = await w.store.findAttempt(id)
    for (let round = 0; round < 60 && attempt && 'nextAt' in attempt; round++) {
      await driveAttempts(broken)
      w.clock.advance({ seconds: 60 })
      attempt = await w.store.findAttempt(id)
    }
    expect(attempt).toMatchObject({ state: 'void', reason: 'NODE_FAIL' })
    expect((await w.store.runsOf(id)).map(({ state, try: number }) => [state, number])).toEqual([
      ['INFRA', 1],
      ['INFRA', 2],
      ['INFRA', 3],
    ])
    await expect(w.start('pass')).resolves.toMatchObject({ state: 'working' })
  })

  test('a request without an answer is looked for by its key and adopted: one job, not two', async () => {
    const w = await attemptWorld()
    let posts = 0
    const cut: typeof w.queue = {
      ...w.queue,
      async submit(job) {
        posts++
        await w.queue.submit(job)
        throw new QueueError('unconfirmed', 'the connection was cut before the answer')
      },
    }
    const { id } = await w.start('slow')
    await driveAttempts({ ...w, sites: sitesOf(cut) })
    const [run] = await w.store.runsOf(id)
    expect(run?.state).toBe('UNCONFIRMED')
    expect(await w.drive(id)).toMatchObject({ state: 'graded' })
    expect(posts).toBe(1)
    expect(await w.store.runsOf(id)).toHaveLength(2)
  })

  test('a server killed between the written intention and the request finds nothing and sends again', async () => {
    const w = await attemptWorld()
    const never = { ...w.queue, submit: () => new Promise<never>(() => {}) }
    const attempt = await w.start('slow')
    void advanceAttempt(attempt, { ...w, sites: sitesOf(never) })
    await expect.poll(async () => (await w.store.runsOf(attempt.id))[0]?.state).toBe('SUBMITTING')
    w.clock.advance({ seconds: 21 })
    await driveAttempts(w)
    w.clock.advance({ seconds: 61 })
    expect(await w.drive(attempt.id)).toMatchObject({ state: 'graded' })
  })

  test('a site that cannot be reached is tried again later, with the attempt alive', async () => {
    const w = await attemptWorld()
    const down = {
      ...w.queue,
      submit: async () => {
        throw new QueueError('unavailable', 'refused')
      },
    }
    const { id } = await w.start('slow')
    for (let round = 0; round < 5; round++) {
      await driveAttempts({ ...w, sites: sitesOf(down) })
      w.clock.advance({ seconds: 30 })
    }
    expect((await w.store.runsOf(id)).map(({ state }) => state)).toEqual(['CREATED'])
    w.clock.advance({ minutes: 5 })
    expect(await w.drive(id)).toMatchObject({ state: 'graded' })
  })

  test('two drivers at once move an attempt once', async () => {
    const w = await attemptWorld()
    const { id } = await w.start('pass')
    for (let round = 0; round < 300; round++) {
      await Promise.all([driveAttempts(w), driveAttempts(w), driveAttempts(w)])
      w.clock.advance({ seconds: 1 })
      const attempt = await w.store.findAttempt(id)
      if (attempt && !('nextAt' in attempt)) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(await w.store.findAttempt(id)).toMatchObject({ state: 'graded' })
    expect(await w.store.runsOf(id)).toHaveLength(2)
    expect(await w.store.awardsOf(w.enrolled.learner.id)).toHaveLength(1)
  })

  test('work that hands over nothing is the site’s failure after ten minutes', async () => {
    const w = await attemptWorld()
    const { id } = await w.start('work-silent')
    await w.drive(id, ({ phases }) => phases.some(({ phase }) => phase === 'work-collecting'))
    w.clock.advance({ minutes: 11 })
    await w.drive(id, ({ runNumber }) => runNumber === 2)
    expect((await w.store.runsOf(id))[0]).toMatchObject({ state: 'INFRA', reason: 'nothing-delivered' })
  })
})

const nodeFail = (jobId: string) => ({
  jobId,
  key: jobId,
  state: 'ended' as const,
  outcome: 'infrastructure' as const,
  reason: 'NODE_FAIL',
  endedAt: new Date(),
})
