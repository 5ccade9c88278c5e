import { describe, expect, test } from 'vitest'
import { gapTable } from '#core/gaps/gap-table.ts'
import { gapTrend } from '#core/gaps/gap-trend.ts'
import { portfolioGap } from '#core/gaps/portfolio-gap.ts'
import { answerGap, skillsGap } from '#core/gaps/skills-gap.ts'
import { emptyTables, type PlaceCounts, type Snapshot } from '#core/gaps/snapshot.ts'
import { modulePerformance, trainingFunnel } from '#core/gaps/training-funnel.ts'
import { blockingSkills, emergingSkills } from '#core/gaps/what-blocks.ts'
import { platformTag, type SnapshotId } from '#core/ids.ts'
import type { Module, Ontology, Role, Skill } from '#core/skills/ontology.ts'
import { seedManager } from '#functions/seed/staff.ts'

/** Three skills in two domains, three roles, two sectors; `vision` needs `tensors`. */
const label = { en: 'x', fr: 'x' }
const skill = (id: string, domain: string, more: Partial<Skill> = {}) =>
  [
    id,
    { id, domain, status: 'live', requires: [], emerging: false, label, ...more } as unknown as Skill,
  ] as const
const role = (id: string, ...skills: Role['skills']) =>
  [id, { id, label, mappings: [], skills } as unknown as Role] as const
const needs = (name: string, level: 1 | 2 | 3, importance: 'essential' | 'optional' = 'essential') => ({
  skill: name,
  level,
  importance,
})
const course = {
  id: 'm-tensors',
  title: label,
  workloadHours: 50,
  entry: [],
  outcomes: [{ id: 'o', statement: label, skills: [{ skill: 'tensors', level: 3 }] }],
  practical: { kind: 'compute', gpus: 4, maxMinutes: 30 },
} as unknown as Module
const ontology = {
  skills: new Map([
    skill('tensors', 'maths'),
    skill('vision', 'models', { requires: [{ skill: 'tensors', level: 2 }], emerging: true }),
    skill('ethics', 'models'),
  ]),
  roles: new Map([
    role('maker', needs('tensors', 2)),
    role('master', needs('tensors', 3)),
    role('watcher', needs('vision', 1), needs('ethics', 1, 'optional')),
  ]),
  sectors: new Map(['energy', 'mobility'].map((id) => [id, { id, label, nace21: [], overlay: [] }])),
  domains: new Map(['maths', 'models'].map((id) => [id, { label }])),
  modules: new Map([[course.id, course]]),
} as unknown as Ontology

const place = (skills: Record<string, number[]>, more: Partial<PlaceCounts> = {}): PlaceCounts => ({
  any: [150],
  funnel: [200, 180, 160, 150],
  skills,
  modules: {},
  ...more,
})
const demand = (sector: string, name: string, heads: number, countries: Record<string, number>) => ({
  sector,
  role: name,
  heads,
  countries,
  skills: ontology.roles.get(name)?.skills ?? [],
})

// The worked example of the reference: 100 need level 2, 20 need level 3; 90 hold level 1, 50 level 2, 5 level 3.
const snapshot: Snapshot = {
  id: 'platform-snp-aaaaaaaaaaaaaaaaaaaaaaaaaa' as SnapshotId,
  publishedAt: new Date('2026-11-23T09:00:00Z'),
  ontology: { version: '1.0.0', digest: 'd' },
  threshold: 10,
  method: 'm',
  demandSource: 'synthetic-sample',
  demand: [
    demand('energy', 'maker', 100, { FR: 60, LU: 40 }),
    demand('energy', 'master', 20, { FR: 20 }),
    demand('mobility', 'watcher', 30, { LU: 30 }),
  ],
  tables: {
    ...emptyTables(),
    sector: {
      energy: place({ tensors: [145, 55, 5] }, { modules: { 'm-tensors': [60, 50, 40, 30] } }),
      mobility: place(
        { vision: [10] },
        { any: [20], funnel: [40, 30, 30], modules: { 'm-tensors': [20, 20, 20] } },
      ),
    },
    country: { FR: place({ tensors: [60, 30, 10] }), LU: place({ tensors: [85, 25], vision: [10] }) },
    nuts1: { FR1: place({ tensors: [40, 20] }) },
    targetGroup: { graduate: place({ tensors: [70, 20], ethics: [15] }) },
    pairs: {
      ...emptyTables().pairs,
      'sector+country': { 'energy+FR': [90, 65] },
      'sector+targetGroup': { 'energy+graduate': [80, 70] },
    },
  },
  modules: { 'm-tensors': { seats: 120, medianDaysToAward: 33 } },
}

const answer = (slice: Parameters<typeof answerGap>[0]) => answerGap(slice, snapshot, undefined, ontology)
const ports = {
  ontology,
  store: { findSnapshot: async () => snapshot, listSnapshots: async () => [snapshot] } as never,
}

describe('a gap by one dimension, computed by hand', () => {
  test('sector: the worked example, 80 person-levels and 69.2 %', () => {
    const gap = answer({ sector: 'energy' })
    // D = 120, 120, 20; S = 145, 55, 5.
    expect(gap).toMatchObject({
      heads: 120,
      gapPersonLevels: 80,
      coveragePercent: 69.2,
      learners: { enrolled: 200, holding: 150 },
    })
    expect(gap.rows[0]).toMatchObject({
      skill: 'tensors',
      level: 3,
      demandPersonLevels: 260,
      supplyPersonLevels: 205,
      learners: 145,
    })
  })

  test('role: every sector that asks for it, its pool of holders each time', () => {
    // D = 100, 100; S = 145, 55.
    expect(answer({ role: 'maker' })).toMatchObject({
      heads: 100,
      gapPersonLevels: 45,
      coveragePercent: 77.5,
    })
    // D = 20, 20, 20; S = 145, 55, 5.
    expect(answer({ role: 'master' })).toMatchObject({ heads: 20, gapPersonLevels: 15 })
  })

  test('the pool is the same for both roles, so their coverage is never added', () => {
    const [maker, master, both] = [
      answer({ role: 'maker' }),
      answer({ role: 'master' }),
      answer({ sector: 'energy' }),
    ]
    expect((maker.gapPersonLevels ?? 0) + (master.gapPersonLevels ?? 0)).toBeLessThan(
      both.gapPersonLevels ?? 0,
    )
  })

  test('country: heads of that country against those who live there', () => {
    // D = 80, 80, 20; S = 60, 30, 10.
    expect(answer({ country: 'FR' })).toMatchObject({
      heads: 80,
      gapPersonLevels: 20 + 50 + 10,
      coveragePercent: 55.6,
    })
    // tensors: D = 40, 40, S = 85, 25; vision: D = 30, S = 10.
    expect(answer({ country: 'LU' })).toMatchObject({ heads: 70, gapPersonLevels: 15 + 20 })
    expect(answer({ country: 'PL' })).toMatchObject({ heads: 0, gapPersonLevels: null })
  })

  test('skill and domain: the rows of that skill or domain alone', () => {
    expect(answer({ skill: 'vision' })).toMatchObject({ gapPersonLevels: 20, rows: [{ skill: 'vision' }] })
    expect(answer({ domain: 'maths' })).toMatchObject({ gapPersonLevels: 80 })
    expect(answer({ domain: 'models' }).rows.map((row) => row.skill)).toEqual(['vision', 'ethics'])
  })

  test.each([
    { slice: { targetGroup: 'graduate' }, why: 'not-by-target-group', supply: 105 },
    { slice: { nuts1: 'FR1' }, why: 'not-by-region', supply: 60 },
  ])('$why: supply and learners, no gap, and it says so', ({ slice, why, supply }) => {
    const gap = answer(slice)
    expect(gap).toMatchObject({
      demand: why,
      heads: 0,
      gapPersonLevels: null,
      coveragePercent: null,
      learners: { holding: 150 },
    })
    expect(gap.rows.reduce((sum, row) => sum + (row.supplyPersonLevels ?? 0), 0)).toBe(supply)
    expect(gap.rows.every((row) => row.gapPersonLevels === null)).toBe(true)
    expect(gap.modules).toEqual([])
  })

  test('a country, where demand names none: supply alone', () => {
    const without = { ...snapshot, demand: snapshot.demand.map((line) => ({ ...line, countries: {} })) }
    expect(answerGap({ country: 'FR' }, without, undefined, ontology)).toMatchObject({
      demand: 'not-by-country',
      gapPersonLevels: null,
    })
  })
})

describe('a gap by two dimensions, computed by hand', () => {
  test('sector and role', () => {
    expect(answer({ sector: 'energy', role: 'maker' })).toMatchObject({ gapPersonLevels: 45 })
    expect(answer({ sector: 'mobility', role: 'maker' })).toMatchObject({ heads: 0, rows: [] })
  })

  test('country and role, country and skill', () => {
    // D = 60, 60; S = 60, 30.
    expect(answer({ country: 'FR', role: 'maker' })).toMatchObject({ heads: 60, gapPersonLevels: 30 })
    expect(answer({ country: 'LU', skill: 'tensors' })).toMatchObject({ gapPersonLevels: 15 })
  })

  test('target group and skill: supply', () => {
    expect(answer({ targetGroup: 'graduate', skill: 'ethics' }).rows).toMatchObject([
      { learners: 15, supplyPersonLevels: 15 },
    ])
  })

  test('target group and role: supply of what the role asks for', () => {
    expect(answer({ targetGroup: 'graduate', role: 'watcher' }).rows.map((row) => row.skill)).toEqual([
      'ethics',
    ])
  })

  test('sector and country: between what each table allows', () => {
    // D = 80, 80, 20; at most min(145, 60, 65) = 60, min(55, 30, 65) = 30, min(5, 10, 65) = 5 hold it.
    expect(answer({ sector: 'energy', country: 'FR' })).toMatchObject({
      learners: { enrolled: 90, holding: 65 },
      gapPersonLevels: null,
      between: { atLeastPersonLevels: 20 + 50 + 15, atMostPersonLevels: 180 },
    })
  })

  test('sector and target group: learners alone', () => {
    const gap = answer({ sector: 'energy', targetGroup: 'graduate' })
    expect(gap).toMatchObject({
      demand: 'not-by-target-group',
      learners: { enrolled: 80, holding: 70 },
      between: null,
      rows: [],
    })
  })
})

describe('a table of gaps', () => {
  const table = (...by: Parameters<typeof gapTable>[1]['by']) => gapTable(seedManager, { by }, ports)
  const cellOf = async (
    row: string,
    column: string | undefined,
    ...by: Parameters<typeof gapTable>[1]['by']
  ) => (await table(...by)).cells.find((cell) => cell.row === row && cell.column === column)

  test('has the numbers of its slices, whichever way it is turned', async () => {
    expect(await cellOf('energy', 'tensors', 'sector', 'skill')).toMatchObject({
      gapPersonLevels: 80,
      coveragePercent: 69.2,
      learners: 145,
    })
    expect(await cellOf('tensors', 'energy', 'skill', 'sector')).toMatchObject({
      gapPersonLevels: 80,
      coveragePercent: 69.2,
    })
    expect(await cellOf('energy', 'maths', 'sector', 'domain')).toMatchObject({ gapPersonLevels: 80 })
    expect(await cellOf('mobility', 'models', 'sector', 'domain')).toMatchObject({
      gapPersonLevels: 20,
      partial: true,
    })
    expect(await cellOf('energy', undefined, 'sector')).toMatchObject({ gapPersonLevels: 80, learners: 150 })
    expect(await cellOf('tensors', undefined, 'skill')).toMatchObject({ gapPersonLevels: 80 })
    expect(await cellOf('FR', 'maker', 'country', 'role')).toMatchObject({ gapPersonLevels: 30 })
    expect(await cellOf('energy', 'FR', 'sector', 'country')).toMatchObject({
      learners: 65,
      gapPersonLevels: null,
      between: { atLeastPersonLevels: 85 },
    })
    expect(await cellOf('graduate', 'ethics', 'targetGroup', 'skill')).toMatchObject({
      learners: 15,
      gapPersonLevels: null,
      suppressed: false,
    })
  })

  test('shows a hidden cell as hidden and leaves out what nobody asks for', async () => {
    expect(await cellOf('mobility', 'ethics', 'sector', 'skill')).toMatchObject({
      gapPersonLevels: null,
      suppressed: true,
      demandPersonLevels: 30,
    })
    expect(await cellOf('energy', 'ethics', 'sector', 'skill')).toBeUndefined()
    expect((await table('sector', 'targetGroup')).demand).toBe('not-by-target-group')
  })

  test.each([
    { by: ['sector', 'country', 'skill'] as const, says: /at most two dimensions/ },
    { by: ['sector', 'sector'] as const, says: /says the same/ },
    { by: ['country', 'nuts1'] as const, says: /another grain/ },
    { by: ['skill', 'domain'] as const, says: /another grain/ },
    { by: [] as const, says: /one or two/ },
  ])('by $by is refused, naming the field', async ({ by, says }) => {
    const asked = gapTable(seedManager, { by }, ports)
    await expect(asked).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'by',
      message: expect.stringMatching(says),
    })
  })

  test('a slice of three is refused, naming the third', async () => {
    const three = skillsGap(seedManager, { sector: 'energy', role: 'maker', skill: 'tensors' }, ports)
    await expect(three).rejects.toMatchObject({ code: 'invalid_input', field: 'skill' })
    const wrong = skillsGap(seedManager, { nuts1: '<script>' }, ports)
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'nuts1',
      message: 'nuts1: there is no such region.',
    })
  })
})

describe('what stands beside the gap', () => {
  test('the module that closes most per hour, and per GPU-hour', () => {
    const [advice] = answer({ sector: 'energy' }).modules
    // 25 seats at levels 2 and 3, of 65 and 15 that are open; nothing is open at level 1.
    expect(advice).toMatchObject({
      module: 'm-tensors',
      closesPersonLevels: 40,
      closesPerHour: 40 / (25 * 50),
      gpuHours: 2,
      closesPerGpuHour: 40 / (25 * 2),
    })
  })

  test('a funnel by sector, its total of shown parts, and by module', async () => {
    const bySector = await trainingFunnel(seedManager, { by: 'sector' }, ports)
    expect(bySector.total).toEqual({
      enrolled: 240,
      practised: 210,
      assessed: 190,
      issued: 150,
      claimed: null,
      verified: null,
    })
    expect(bySector.rows).toHaveLength(2)
    const byModule = await trainingFunnel(seedManager, { by: 'module' }, ports)
    expect(byModule.rows).toMatchObject([
      { code: 'm-tensors', steps: { enrolled: 80, practised: 70, assessed: 60, issued: 30 } },
    ])
  })

  test('pass rate where both of its numbers are shown, days to the award rounded, seats', async () => {
    const { modules } = await modulePerformance(seedManager, {}, ports)
    // Of mobility it is hidden who passed.
    expect(modules).toMatchObject([
      { module: 'm-tensors', passPercent: 75, daysToAward: 35, seats: 120, gpuHours: 2 },
    ])
  })

  test('portfolio coverage: taught level against demanded level, heads at that level, and seats that reach it', async () => {
    const energy = await portfolioGap({ sector: 'energy' }, ports)
    expect(energy).toMatchObject({ coveredCount: 1, coveredPercent: 33.3 })
    // The highest level any role asks for counts; the module teaches it, and nothing else.
    expect(energy.rows).toMatchObject([
      { skill: 'ethics', level: 1, importance: 'optional', taughtTo: 0, covered: false, heads: 0, seats: 0 },
      { skill: 'tensors', level: 3, taughtTo: 3, covered: true, heads: 20, seats: 120 },
      { skill: 'vision', level: 1, taughtTo: 0, covered: false, modules: [], heads: 0, seats: 0 },
    ])
    const maker = await portfolioGap({ sector: 'energy', role: 'maker' }, ports)
    expect(maker.rows).toMatchObject([{ skill: 'tensors', level: 2, covered: true, heads: 100, seats: 120 }])
    expect(maker.coveredPercent).toBe(100)
    // One level more than the module teaches: it is named, but its seats do not reach.
    const short: Ontology = {
      ...ontology,
      roles: new Map([role('expert', { skill: 'tensors', level: 4, importance: 'essential' })]),
    }
    const { rows } = await portfolioGap({ role: 'expert' }, { ...ports, ontology: short })
    expect(rows).toMatchObject([
      { level: 4, taughtTo: 3, covered: false, modules: [{ id: 'm-tensors' }], seats: 0 },
    ])
  })

  test('prerequisites that block most: the gap behind them, and how many are short', async () => {
    const { skills } = await blockingSkills(seedManager, { sector: 'mobility' }, ports)
    expect(skills).toEqual([
      {
        skill: 'tensors',
        level: 2,
        blocks: ['vision'],
        gapBehindPersonLevels: 20,
        holders: null,
        shortHeads: 20,
      },
    ])
  })

  test('emerging skills: flagged, or asked for more than before', async () => {
    const before = { ...snapshot, demand: [demand('energy', 'maker', 50, {})] }
    const store = {
      findSnapshot: async (id?: SnapshotId) =>
        id === undefined ? { ...snapshot, previous: snapshot.id } : before,
    }
    const { skills } = await emergingSkills(
      seedManager,
      { sector: 'energy' },
      { ontology, store: store as never },
    )
    expect(skills).toEqual([
      { skill: 'tensors', flagged: false, demandPersonLevels: 260, demandChange: 160, gapPersonLevels: 80 },
    ])
    const { skills: flagged } = await emergingSkills(seedManager, { sector: 'mobility' }, ports)
    expect(flagged).toMatchObject([{ skill: 'vision', flagged: true, demandChange: null }])
  })

  test('a trend has the last snapshot of each month, oldest first', async () => {
    const at = (day: string, heads: number): Snapshot => ({
      ...snapshot,
      id: `${platformTag}-snp-${day.replaceAll('-', '').padEnd(26, 'a')}` as SnapshotId,
      publishedAt: new Date(day),
      demand: [demand('energy', 'maker', heads, {})],
    })
    const all = [at('2026-11-20', 100), at('2026-11-02', 90), at('2026-10-30', 80), at('2026-08-01', 60)]
    const store = {
      listSnapshots: async () => all,
      findSnapshot: async (id?: SnapshotId) => all.find((one) => one.id === id),
    }
    const points = await gapTrend(
      seedManager,
      { sector: 'energy', months: 2 },
      { ontology, store: store as never },
    )
    expect(points.map(({ month, gapPersonLevels }) => [month, gapPersonLevels])).toEqual([
      ['2026-10', 25],
      ['2026-11', 45],
    ])
  })
})
