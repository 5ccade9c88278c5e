import { createHash, createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Attempt } from '#core/practicals/attempt.ts'
import { collectRun } from '#core/practicals/collect-run.ts'
import { gradeAttempt } from '#core/practicals/grade-attempt.ts'
import { type Manifest, signManifest } from '#core/practicals/manifest.ts'
import type { Practical } from '#core/practicals/practical.ts'
import { reduce } from '#core/practicals/reduce.ts'
import type { Run } from '#core/practicals/run.ts'
import { attemptFolder } from '#core/practicals/run-files.ts'
import { manifestKey } from '#core/practicals/run-secrets.ts'
import type { Site, SiteProfile } from '#core/practicals/site.ts'
import { loadPracticals } from '#practicals/load-practicals.ts'
import { type World, world } from '#test/support/world.ts'

const practical = loadPracticals().find('inference-throughput') as Practical
const scripts = loadPracticals().find('batch-job-repair') as Practical
const begun = new Date('2026-11-23T09:00:00Z')
const ended = new Date('2026-11-23T09:01:00Z')
const image = { image: '/site/box.sif', sha256: 'd'.repeat(64) }
const keyOf = (letter: string) => `ska-${letter.repeat(24)}`

let w: World
beforeEach(async () => {
  w = await world({ now: '2026-11-23T09:01:05Z' })
})

/** An attempt whose work is done and whose grader has ended, at a site whose only partition is as told. */
function graded(of = practical, box: SiteProfile['partitions'][number]['box'] = 'bwrap') {
  const attempt = {
    id: `${w.institutions.northLake.tag}-att-${'a'.repeat(26)}`,
    tenant: w.institutions.northLake.tag,
    createdAt: begun,
    site: 'factory',
    partition: 'gpu',
    configuration: {},
    practical: { id: of.id, version: of.version, specHash: of.specHash, graderSha256: of.graderSha256 },
  } as unknown as Attempt
  const work = {
    stage: 'work',
    number: 1,
    state: 'DONE',
    key: keyOf('w'),
    delivery: { verdict: 'valid', sha256: 'b'.repeat(64) },
  } as unknown as Run
  const run = {
    stage: 'grade',
    number: 2,
    try: 1,
    state: 'COLLECTING',
    key: keyOf('g'),
    nonce: 'the-nonce-of-this-run',
    jobId: '7',
    createdAt: begun,
    startedAt: begun,
    endedAt: ended,
    since: ended,
    version: 3,
  } as unknown as Extract<Run, { state: 'COLLECTING' }>
  const profile = {
    name: 'factory',
    environment: 'site',
    separateAccounts: true,
    partitions: [{ name: 'gpu', box }],
  } as unknown as SiteProfile
  const honest: Manifest = {
    iss: 'grade',
    attemptId: attempt.id,
    runKey: run.key,
    nonce: run.nonce,
    specHash: of.specHash,
    graderSha256: of.graderSha256,
    artefactSha256: 'b'.repeat(64),
    hardware: { cpu: 'Test', cores: 2, memoryGiB: 4 },
    sanity: of.rubric.sanity.map(({ name }) => ({ name, held: true })),
    metrics: [{ name: 'tokens_per_second_ratio', value: 2, unit: '1' }],
    startedAt: begun.getTime() / 1000 + 1,
    endedAt: ended.getTime() / 1000 - 1,
  }
  const read = (text: string, of_ = of, forRun = run, forAttempt = attempt) => {
    const site = { profile, files: { read: async () => Buffer.from(text) } } as unknown as Site
    return collectRun(forAttempt, forRun, [work, forRun], of_, site, w)
  }
  const signed = (change: Partial<Manifest> = {}, by = run) =>
    signManifest({ ...honest, ...change }, manifestKey(w.signers, by.key, by.nonce))
  return { attempt, run, profile, honest, read, signed }
}

describe('a delivered manifest', () => {
  test('that is honest is believed, and kept', async () => {
    const { attempt, read, signed } = graded()
    const text = signed()
    expect(await read(text)).toMatchObject({
      verdict: 'valid',
      sha256: createHash('sha256').update(text).digest('hex'),
      claims: { metrics: [{ value: 2 }] },
    })
    expect(new TextDecoder().decode(await w.files.get(`${attemptFolder(attempt)}run-2/manifest.jws`))).toBe(
      text,
    )
  })

  test('is good for its own run only: the next try of the same attempt does not take it', async () => {
    const { run, read, signed } = graded()
    const again = { ...run, number: 3, try: 2, key: keyOf('h'), nonce: 'the-nonce-of-the-next-run' }
    expect(await read(signed(), practical, again)).toEqual({ verdict: 'invalid', reason: 'signature' })
    // Not even when it is signed with the next run's own key.
    expect(await read(signed({}, again), practical, again)).toEqual({ verdict: 'invalid', reason: 'runKey' })
  })

  test('is used once: a run that has taken it changes no more', async () => {
    const { run, read, signed } = graded()
    const delivery = await read(signed())
    if (!delivery) throw new Error('nothing was delivered')
    const { run: done } = reduce(run, { type: 'delivered', delivery, at: ended })
    expect(done.state).toBe('DONE')
    const other = { verdict: 'invalid', reason: 'a second one' } as const
    expect(reduce(done, { type: 'delivered', delivery: other, at: ended })).toEqual({
      run: done,
      effects: [],
    })
  })

  test.each<[string, Partial<Manifest>, string]>([
    ['another attempt', { attemptId: 'k3vq7m2a-att-x' }, 'attemptId'],
    ['another nonce', { nonce: 'x' }, 'nonce'],
    ['another spec', { specHash: '0'.repeat(64) }, 'specHash'],
    ['another grader', { graderSha256: '0'.repeat(64) }, 'graderSha256'],
    ['another artefact', { artefactSha256: '0'.repeat(64) }, 'artefactSha256'],
    [
      'a minute and more before the scheduler started it',
      { startedAt: begun.getTime() / 1000 - 61 },
      'startedAt',
    ],
    ['a minute and more after the scheduler ended it', { endedAt: ended.getTime() / 1000 + 61 }, 'endedAt'],
  ])('that tells of %s is refused', async (_title, change, reason) => {
    const { read, signed } = graded()
    expect(await read(signed(change))).toEqual({ verdict: 'invalid', reason })
  })

  test('that no machine could reach is refused by the bound of its place, else by that of any machine', async () => {
    const at = (metric: number, place?: number): Practical => ({
      ...practical,
      rubric: {
        ...practical.rubric,
        metrics: practical.rubric.metrics.map((one) => ({
          ...one,
          bound: metric,
          at: place === undefined ? {} : { 'factory:gpu': { pass: 1, full: 1, bound: place } },
        })),
      },
    })
    const { read, signed } = graded()
    const claim = signed({ metrics: [{ name: 'tokens_per_second_ratio', value: 10, unit: '1' }] })
    const refused = { verdict: 'invalid', reason: 'metric tokens_per_second_ratio' }
    expect(await read(claim, at(9))).toEqual(refused)
    expect(await read(claim, at(11))).toMatchObject({ verdict: 'valid' })
    expect(await read(claim, at(11, 9))).toEqual(refused)
    expect(await read(claim, at(60, 11))).toMatchObject({ verdict: 'valid' })
  })

  test('that says more than any number is refused', async () => {
    const { run, honest, read } = graded()
    const [header] = signManifest(honest, manifestKey(w.signers, run.key, run.nonce)).split('.')
    const payload = Buffer.from(JSON.stringify(honest).replace('"value":2', '"value":1e999')).toString(
      'base64url',
    )
    const tag = createHmac('sha256', manifestKey(w.signers, run.key, run.nonce)).update(
      `${header}.${payload}`,
    )
    expect(await read(`${header}.${payload}.${tag.digest('base64url')}`)).toEqual({
      verdict: 'invalid',
      reason: 'shape',
    })
  })

  test('from a site whose box is an image names that image, and the evidence does too', async () => {
    const { run, profile, read, signed } = graded(scripts, image)
    const metrics = scripts.rubric.metrics.map(({ name, unit }) => ({ name, unit, value: 1 }))
    expect(await read(signed({ metrics }))).toEqual({ verdict: 'invalid', reason: 'imageDigest' })
    const other = signed({ metrics, imageDigest: `sha256:${'e'.repeat(64)}` })
    expect(await read(other)).toEqual({ verdict: 'invalid', reason: 'imageDigest' })
    const delivery = await read(signed({ metrics, imageDigest: `sha256:${image.sha256}` }))
    expect(delivery).toMatchObject({ verdict: 'valid' })
    const done = { ...run, state: 'DONE', delivery } as unknown as Extract<Run, { state: 'DONE' }>
    const { evidence } = gradeAttempt(scripts, done, { site: profile, partition: 'gpu' }, 60)
    expect(evidence).toMatchObject({
      imageDigest: `sha256:${image.sha256}`,
      graderSha256: scripts.graderSha256,
    })
  })

  test('of a learner who was erased meanwhile is not kept', async () => {
    const { attempt, run, read, signed } = graded()
    const forgotten = { ...attempt, configuration: null }
    expect(await read(signed(), practical, run, forgotten)).toMatchObject({ verdict: 'valid' })
    expect(await w.files.list(attemptFolder(attempt))).toEqual([])
  })
})
