import { describe, expect, test } from 'vitest'
import type { LearnerId, OfferingId } from '#core/ids.ts'
import { closedWithin, reservationAt } from '#core/practicals/calendar.ts'
import { chooseSite, refuseAll } from '#core/practicals/choose-site.ts'
import { noCompute } from '#core/practicals/compute.ts'
import type { JobResources } from '#core/practicals/queue.ts'
import type { SitePartition, SiteProfile } from '#core/practicals/site.ts'
import { type ComputeNeed, median, optionAt, type SiteOption } from '#core/practicals/site-options.ts'
import { paperProfile } from './paper-site.ts'

const now = new Date('2026-11-23T09:00:00Z')
const hours = (count: number) => new Date(now.getTime() + count * 3_600_000)
const idle = { held: noCompute, used: noCompute }
const usages = { learner: idle, cohort: idle, day: idle }

const resources: JobResources = {
  gpus: 2,
  gpuTypes: ['a100', 'h200'],
  cpus: 16,
  tasks: 1,
  memoryGiB: 64,
  minutes: 30,
  arch: ['x86_64'],
}
const limits = {
  wallSeconds: 60,
  cpuSeconds: 60,
  memoryMiB: 64,
  outputBytes: 1024,
  openFiles: 64,
  processes: 8,
}
function need(more: Partial<JobResources> = {}, data?: 'restricted' | 'personal'): ComputeNeed {
  const stage = { resources: { ...resources, ...more }, limits, isolation: 'none' as const }
  return {
    learnerId: 'l' as LearnerId,
    offeringId: 'o' as OfferingId,
    practical: { id: 'p', work: { ...stage, artefact: 'a' }, grade: stage, ...(data ? { data } : {}) },
  }
}

interface Change {
  profile?: Partial<SiteProfile>
  partition?: Partial<SitePartition>
  control?: { state: 'paused' | 'draining' | 'stopped'; reason: string }
  usages?: typeof usages
  wait?: number
  account?: { state: 'stated' | 'confirmed' }
}
function option(name: string, change: Change = {}, asked = need()): SiteOption {
  const profile = { ...paperProfile(name), ...change.profile }
  const [first] = profile.partitions
  if (!first) throw new Error('a paper site has a partition')
  const facts = {
    profile,
    control: change.control ?? { state: 'open' as const },
    usages: change.usages ?? usages,
    ...(change.account ? { account: { ...change.account, version: 7 } } : {}),
  }
  return optionAt(facts, { ...first, ...change.partition }, change.wait, asked, now)
}

describe('what keeps an attempt from a site', () => {
  test('nothing, where all of it fits', () => {
    expect(option('a')).toEqual({
      site: 'a',
      aiFactory: 'AI Factory a',
      environment: 'site',
      partition: 'gpu',
      // Two GPUs for half an hour, twice: for the work and for its grading.
      reserve: { work: { gpuSeconds: 3600, coreSeconds: 0 }, grade: { gpuSeconds: 3600, coreSeconds: 0 } },
      cost: 2,
      reserved: false,
    })
  })

  test('a job without accelerators is counted in processors', () => {
    const { reserve } = option('a', {}, need({ gpus: 0 }))
    expect(reserve.work).toEqual({ gpuSeconds: 0, coreSeconds: 16 * 1800 })
  })

  test.each<[string, Change, ComputeNeed, object | undefined]>([
    ['too few accelerators', {}, need({ gpus: 5 }), { why: 'gpus' }],
    [
      'another kind of accelerator',
      { partition: { gpus: { type: 'mi300', count: 8 } } },
      need(),
      { why: 'gpuTypes' },
    ],
    ['another architecture', { partition: { arch: 'aarch64' } }, need(), { why: 'arch' }],
    ['a time limit', { partition: { maxMinutes: 29 } }, need(), { why: 'minutes' }],
    ['too few processors', { partition: { cpus: 8 } }, need(), { why: 'cpus' }],
    ['too little memory', { partition: { memoryGiB: 32 } }, need(), { why: 'memoryGiB' }],
    ['its list of practicals', { profile: { practicals: ['other'] } }, need(), { why: 'practical' }],
    ['its data policy', {}, need({}, 'restricted'), { why: 'data' }],
    [
      'accounts of single learners, where this one has named none',
      { profile: { accountModel: 'individual', accountPage: 'https://a.example.org' } },
      need(),
      { why: 'account', state: 'none', page: 'https://a.example.org' },
    ],
    [
      'an account that nobody has confirmed yet',
      { profile: { accountModel: 'individual' }, account: { state: 'stated' } },
      need(),
      { why: 'account', state: 'stated' },
    ],
    [
      'nothing, once the learner’s own account is confirmed',
      { profile: { accountModel: 'individual' }, account: { state: 'confirmed' } },
      need(),
      undefined,
    ],
    [
      'a pause, with its reason',
      { control: { state: 'paused', reason: 'Cooling is being repaired' } },
      need(),
      { why: 'paused', reason: 'Cooling is being repaired' },
    ],
    [
      'a drain',
      { control: { state: 'draining', reason: 'New machine' } },
      need(),
      { why: 'draining', reason: 'New machine' },
    ],
    [
      'the kill switch of the file, whatever operators have set',
      { profile: { killSwitch: 'Intrusion' }, control: { state: 'paused', reason: 'x' } },
      need(),
      { why: 'stopped', reason: 'Intrusion' },
    ],
    [
      'a maintenance it would run into',
      { profile: { calendar: [{ kind: 'closed', reason: 'Maintenance', from: hours(0.9), to: hours(5) }] } },
      need(),
      { why: 'closed', reason: 'Maintenance', until: hours(5) },
    ],
    [
      'a maintenance it would run into after the wait that is expected',
      {
        wait: 7200,
        profile: { calendar: [{ kind: 'closed', reason: 'M', from: hours(2.5), to: hours(5) }] },
      },
      need(),
      { why: 'closed', reason: 'M', until: hours(5) },
    ],
    [
      'the share of the learner',
      {
        usages: {
          ...usages,
          learner: {
            held: { gpuSeconds: 500_000, coreSeconds: 0 },
            used: { gpuSeconds: 492_801, coreSeconds: 0 },
          },
        },
      },
      need(),
      { why: 'budget', scope: 'learner' },
    ],
    [
      'the day of the site',
      { usages: { ...usages, day: { held: noCompute, used: { gpuSeconds: 1_000_000, coreSeconds: 0 } } } },
      need(),
      { why: 'budget', scope: 'day' },
    ],
  ])('%s', (_title, change, asked, excluded) => {
    expect(option('a', change, asked).excluded).toEqual(excluded)
  })

  test('a share that is just enough is enough, and processors do not count against accelerators', () => {
    const used = { gpuSeconds: 1_000_000 - 7200, coreSeconds: 2_000_000 }
    expect(option('a', { usages: { ...usages, day: { held: noCompute, used } } }).excluded).toBeUndefined()
  })

  test('a maintenance of another partition, or one that is over', () => {
    const closed = { kind: 'closed' as const, reason: 'M', from: hours(-1), to: hours(1) }
    const of = (calendar: SiteProfile['calendar']) => option('a', { profile: { calendar } }).excluded
    expect(of([{ ...closed, partitions: ['cpu'] }])).toBeUndefined()
    expect(of([{ ...closed, to: now }])).toBeUndefined()
    expect(of([{ ...closed, partitions: ['gpu'] }])).toBeDefined()
  })
})

describe('which of the sites that fit', () => {
  const local = { environment: 'local' as const }
  const kept = { kind: 'reserved' as const, reservation: 'course', from: hours(-1), to: hours(3) }
  test.each<[string, SiteOption[], string | undefined, string | undefined]>([
    ['none', [], undefined, undefined],
    ['none that fits', [option('a', { partition: { cpus: 1 } })], undefined, undefined],
    ['the only one that fits', [option('a', { partition: { cpus: 1 } }), option('b')], 'b', 'only-fit'],
    [
      'an AI Factory before this machine',
      [option('a', { profile: local }), option('b', { wait: 9000 })],
      'b',
      'counts',
    ],
    [
      'one that keeps machines free',
      [option('a', { wait: 1 }), option('b', { wait: 900, profile: { calendar: [kept] } })],
      'b',
      'reserved',
    ],
    [
      'the shortest wait',
      [option('a', { wait: 60 }), option('b', { wait: 30, partition: { costPerHour: 9 } })],
      'b',
      'wait',
    ],
    [
      'the lower cost',
      [option('a', { wait: 60 }), option('b', { wait: 60, partition: { costPerHour: 0.5 } })],
      'b',
      'cost',
    ],
    ['one where nobody has waited yet', [option('a', { wait: 60 }), option('b')], 'b', 'wait'],
    ['always the same where nothing tells them apart', [option('b'), option('a')], 'a', 'name'],
  ])('%s', (_title, options, site, why) => {
    const choice = chooseSite(options)
    expect(choice?.option.site).toBe(site)
    expect(choice?.why).toBe(why)
  })

  test('a learner hears the reason that is nearest to an end', () => {
    const tooSmall = option('a', { partition: { cpus: 1 } })
    const paused = option('b', { control: { state: 'paused', reason: 'Cooling' } })
    const spent = option('c', {
      usages: { ...usages, day: { held: noCompute, used: { gpuSeconds: 1_000_000, coreSeconds: 0 } } },
    })
    expect(refuseAll([tooSmall])).toMatchObject({
      code: 'site_unavailable',
      message: expect.stringMatching(/has what/),
    })
    expect(refuseAll([tooSmall, spent])).toMatchObject({
      code: 'budget_exceeded',
      message: expect.stringMatching(/c: .*tomorrow/),
    })
    expect(refuseAll([spent, tooSmall, paused])).toMatchObject({
      code: 'site_unavailable',
      message: expect.stringMatching(/b .*Cooling/),
    })
  })
})

describe('a calendar', () => {
  const kept = { kind: 'reserved' as const, reservation: 'course', from: hours(-1), to: hours(1) }
  test('a job is sent into a reservation only when it ends within it', () => {
    const profile = { calendar: [kept] }
    expect(reservationAt(profile, 'gpu', 3600, now)).toBe('course')
    expect(reservationAt(profile, 'gpu', 3601, now)).toBeUndefined()
    expect(reservationAt({ calendar: [{ ...kept, partitions: ['cpu'] }] }, 'gpu', 60, now)).toBeUndefined()
    expect(reservationAt({ calendar: [{ ...kept, from: hours(0.1) }] }, 'gpu', 60, now)).toBeUndefined()
  })

  test('of several closed times the first counts', () => {
    const closed = (from: number) => ({
      kind: 'closed' as const,
      reason: String(from),
      from: hours(from),
      to: hours(from + 1),
    })
    expect(closedWithin({ calendar: [closed(3), closed(1)] }, 'gpu', 4 * 3600, now)?.reason).toBe('1')
  })
})

test.each([
  [[], undefined],
  [[5], 5],
  [[9, 1], 5],
  [[100, 1, 3], 3],
])('the median of %j is %j', (values, middle) => {
  expect(median(values)).toBe(middle)
})

test.each<[string, Partial<JobResources>, string]>([
  ['accelerators', { gpus: 9 }, 'resources.gpus'],
  ['a kind of accelerator', { gpuTypes: ['mi300'] }, 'resources.gpuTypes'],
  ['processors', { cpus: 1000 }, 'resources.cpus'],
  ['memory', { memoryGiB: 9999 }, 'resources.memoryGiB'],
  ['time', { minutes: 9999 }, 'resources.minutes'],
  ['an architecture', { arch: ['aarch64'] }, 'resources.arch'],
])(
  'a practical asking for more %s than any site has is refused with the name of the resource',
  (_title, more, field) => {
    const asked = need(more)
    expect(refuseAll([option('a', {}, asked), option('b', {}, asked)])).toMatchObject({
      code: 'site_unavailable',
      field,
      message: expect.stringContaining(field),
    })
  },
)
