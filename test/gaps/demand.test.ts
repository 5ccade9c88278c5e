import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { demandByRole } from '#core/gaps/demand.ts'
import { demandLimits } from '#core/gaps/demand-limits.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { readDemand } from '#core/gaps/read-demand.ts'
import { skillsGap } from '#core/gaps/skills-gap.ts'
import { demandUploads, restoreDemand, uploadDemand } from '#core/gaps/upload-demand.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { type World, world } from '#test/support/world.ts'

const ontology = loadOntology()
const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => readDemand(bytes(text), ontology, 2026)
const header = 'role,sector,country,year,headcount'
const rowOf = (row: string) => read(`${header}\nai-engineer,energy,LU,2026,20\n${row}`)

describe('a file of demand', () => {
  const expected = [{ role: 'ai-engineer', sector: 'energy', country: 'FR', year: 2026, headcount: 120 }]

  test.each([
    ['as the academy writes it', `${header}\nai-engineer,energy,FR,2026,120`],
    [
      'with a byte order mark, Windows line ends and a comment',
      `\ufeff# invented\r\n${header}\r\nai-engineer,energy,FR,2026,120\r\n\r\n`,
    ],
    [
      'from a French spreadsheet',
      'sector;role;headcount;country;note\nénergie;ingénieur ia;120;fr;"à voir; bientôt"'.replace(
        'énergie',
        ontology.sectors.get('energy')?.label.fr ?? '',
      ),
    ],
    ['with tabs and without a year', 'Headcount\tRole\tSector\tCountry\n120\tAI engineer\tenergy\tFR'],
  ])('is read %s', (_title, text) => {
    expect(read(text)).toEqual({ rows: expected, problems: [], lines: 1 })
  })

  test('is read in UTF-16 when it says so', () => {
    const utf16 = Buffer.from(`\ufeff${header}\nai-engineer,energy,FR,2026,120`, 'utf16le')
    expect(readDemand(utf16, ontology, 2026).rows).toEqual(expected)
    expect(readDemand(Buffer.from(utf16).swap16(), ontology, 2026).rows).toEqual(expected)
  })

  test('may leave the country out, and know Eurostat’s letters', () => {
    expect(rowOf('ai-engineer,energy,,2026,30').rows[1]).toMatchObject({ country: '' })
    expect(rowOf('ai-engineer,energy,EL,2026,30').rows[1]).toMatchObject({ country: 'GR' })
  })

  test.each([
    ['negative heads', 'data-engineer,energy,LU,2026,-4', 'headcount', 'heads_negative'],
    ['heads in words', 'data-engineer,energy,LU,2026,many', 'headcount', 'heads_wrong'],
    ['heads with a fraction', 'data-engineer,energy,LU,2026,1.5', 'headcount', 'heads_wrong'],
    ['more heads than Europe has', 'data-engineer,energy,LU,2026,99999999', 'headcount', 'heads_too_many'],
    ['an unknown sector', 'data-engineer,no-such,LU,2026,4', 'sector', 'sector_unknown'],
    [
      'a sector that is part of every object',
      'data-engineer,constructor,LU,2026,4',
      'sector',
      'sector_unknown',
    ],
    ['an unknown role', 'wizard,energy,LU,2026,4', 'role', 'role_unknown'],
    ['an unknown country', 'data-engineer,energy,ZZ,2026,4', 'country', 'country_unknown'],
    ['a year of long ago', 'data-engineer,energy,LU,1926,4', 'year', 'year_wrong'],
    ['a row for the second time', 'ai-engineer,energy,LU,2026,4', null, 'row_twice'],
    ['a cell too few', 'data-engineer,energy,LU,2026', null, 'cells_wrong'],
    ['a formula', 'data-engineer,energy,=HYPERLINK(1),2026,4', 'country', 'formula'],
    ['a formula that begins with a sign', '@SUM(A1),energy,LU,2026,4', 'role', 'formula'],
    ['a broken quote', '"data-engineer,energy,LU,2026,4', null, 'quote_broken'],
  ])('with %s is told by row and column', (_title, row, column, code) => {
    expect(rowOf(row).problems).toEqual([{ row: 3, column, code }])
  })

  test('tells every mistake of every row, in the order of the file', () => {
    const { problems, rows } = rowOf('wizard,no-such,LU,2026,-1\ndata-engineer,energy,LU,2026,5')
    expect(problems.map(({ row, column }) => `${row} ${column}`)).toEqual([
      '3 role',
      '3 sector',
      '3 headcount',
    ])
    expect(rows).toHaveLength(2)
  })

  test.each([
    ['nothing', '', 'empty_file', null],
    ['a header alone', header, 'empty_file', null],
    ['a column missing', 'role,country,headcount\nai-engineer,LU,4', 'column_missing', 'sector'],
    ['a column twice', 'role,role,sector,headcount\na,b,c,4', 'column_twice', 'role'],
    ['a picture', '\u0000PNG\u0000', 'not_text', null],
  ])('of %s is refused as a whole', (_title, text, code, column) => {
    expect(read(text)).toMatchObject({ rows: [], problems: [{ row: 1, column, code }] })
  })

  test('in another encoding, too large or too long is refused as a whole', () => {
    expect(readDemand(Buffer.from('rôle;secteur', 'latin1'), ontology, 2026).problems[0]?.code).toBe(
      'not_text',
    )
    expect(readDemand(new Uint8Array(demandLimits.bytes + 1), ontology, 2026).problems[0]?.code).toBe(
      'too_large',
    )
    const long = `${header}\n${'a,b,LU,2026,1\n'.repeat(demandLimits.rows + 1)}`
    expect(read(long).problems).toEqual([{ row: demandLimits.rows + 2, column: null, code: 'too_many_rows' }])
  })

  test('never makes the reader throw, and what is read is sound', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('ai-engineer', 'energy', 'LU', '2026', '12', '"', ',', ';', '\n', '=1'),
    )
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 30 }), fc.constantFrom(',', ';', '\t', '\n'), (cells, by) => {
        for (const { headcount, sector } of read(`${header}\n${cells.join(by)}`).rows) {
          expect(headcount).toBeGreaterThanOrEqual(0)
          expect(ontology.sectors.has(sector)).toBe(true)
        }
      }),
    )
  })
})

describe('demand in force', () => {
  const manager = (academy: World) => academy.actor('programme-manager')
  const upload = (academy: World, text: string, dryRun = false) =>
    uploadDemand(
      manager(academy),
      { requestId: academy.requestId(), fileName: 'heads 2026.csv', bytes: bytes(text), dryRun },
      academy,
    )
  const one = (heads: number, country = 'LU') => `${header}\nmlops-engineer,energy,${country},2026,${heads}`
  const headsOf = async (academy: World) => {
    const snapshot = await publishSnapshot(manager(academy), { requestId: academy.requestId() }, academy)
    const { heads } = await skillsGap(manager(academy), { sector: 'energy', role: 'mlops-engineer' }, academy)
    return { heads, source: snapshot.demandSource, set: snapshot.demandSet }
  }

  test('is the sample until a file is uploaded, then the file; an earlier one can be restored', async () => {
    const academy = await world()
    expect((await headsOf(academy)).source).toBe('synthetic-sample')
    const first = await upload(academy, one(40))
    expect(await headsOf(academy)).toEqual({ heads: 40, source: 'upload', set: first.set?.id })
    academy.clock.advance({ minutes: 1 })
    const second = await upload(academy, one(70))
    expect((await headsOf(academy)).heads).toBe(70)
    const restore = (id: typeof second.set) =>
      restoreDemand(manager(academy), { requestId: academy.requestId(), id: id?.id }, academy)
    expect(await restore(first.set)).toMatchObject({
      inForce: first.set?.id,
      sets: [{ heads: 70 }, { heads: 40 }],
    })
    expect((await headsOf(academy)).heads).toBe(40)
    expect((await restore(undefined)).inForce).toBeUndefined()
    expect((await headsOf(academy)).source).toBe('synthetic-sample')
  })

  test('is not touched by a dry run, nor by a file with one mistake', async () => {
    const academy = await world()
    expect(await upload(academy, one(40), true)).toEqual({
      lines: 1,
      rows: 1,
      heads: 40,
      years: [2026],
      problems: [],
    })
    expect((await upload(academy, `${one(40)}\nwizard,energy,LU,2026,4`)).set).toBeUndefined()
    expect(await demandUploads(manager(academy), academy)).toEqual({ sets: [] })
  })

  test('is uploaded once for a request, and made-up sets are not found', async () => {
    const academy = await world()
    const input = {
      requestId: academy.requestId(),
      fileName: '../../etc/\u0007passwd',
      bytes: bytes(one(40)),
      dryRun: false,
    }
    const actor = manager(academy)
    const first = await uploadDemand(actor, input, academy)
    expect(first.set?.fileName).toBe('passwd')
    expect((await uploadDemand(actor, input, academy)).set).toEqual(first.set)
    expect((await demandUploads(actor, academy)).sets).toHaveLength(1)
    const other = { ...input, bytes: bytes(one(41)) }
    await expect(uploadDemand(actor, other, academy)).rejects.toMatchObject({ code: 'request_conflict' })
    const id = academy.random.id('platform' as never, 'dmd')
    await expect(restoreDemand(actor, { requestId: academy.requestId(), id }, academy)).rejects.toMatchObject(
      { code: 'not_found' },
    )
  })

  test.each(['curator', 'registrar', 'learner'] as const)('is not for a %s to change', async (role) => {
    const academy = await world()
    const input = { requestId: academy.requestId(), fileName: 'x', bytes: bytes(one(40)), dryRun: true }
    await expect(uploadDemand(academy.actor(role), input, academy)).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })
})

describe('heads as they are published', () => {
  const lines = (...rows: [country: string, headcount: number][]) => {
    const demand = rows.map(([country, headcount]) => ({
      role: 'ai-engineer',
      sector: 'energy',
      country,
      year: 2026,
      headcount,
    }))
    const [line] = demandByRole(ontology, demand, privacyRules(10))
    return line && { heads: line.heads, countries: line.countries }
  }

  test('are rounded, by country where they are enough, and left out under the threshold', () => {
    expect(lines(['FR', 52], ['LU', 12], ['PL', 30])).toEqual({
      heads: 95,
      countries: { FR: 50, LU: 10, PL: 30 },
    })
    expect(lines(['FR', 9])).toBeUndefined()
  })

  test('do not give away a small country: the whole is told as the others', () => {
    expect(lines(['FR', 50], ['LU', 8])).toEqual({ heads: 50, countries: { FR: 50 } })
    expect(lines(['FR', 50], ['LU', 8], ['PL', 7])).toEqual({ heads: 65, countries: { FR: 50 } })
  })

  test('of no country in particular count in the whole', () => {
    expect(lines(['', 80], ['FR', 20])).toEqual({ heads: 100, countries: { FR: 20 } })
  })

  test('are those of the latest year', () => {
    const rows = [2025, 2026].map((year) => ({
      role: 'ai-engineer',
      sector: 'energy',
      country: '',
      year,
      headcount: year - 2000,
    }))
    expect(demandByRole(ontology, rows, privacyRules(10))[0]?.heads).toBe(25)
  })
})
