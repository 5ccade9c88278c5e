import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, test } from 'vitest'
import { decodeText } from '#core/csv/decode-text.ts'
import { type ColumnSet, foldName, readHeader, readRows } from '#core/csv/read-csv.ts'
import { csvLine, isFormula, safeCell, withoutApostrophe } from '#core/csv/write-csv.ts'

const set: ColumnSet<'account' | 'id' | 'name' | 'score'> = {
  names: {
    account: ['account', 'compte'],
    id: ['learner_id'],
    name: ['family_name', 'nom'],
    score: ['score_percent', 'score'],
  },
  needed: [['account', 'id'], ['score']],
}

function readAll(text: string, limit = 3) {
  const layout = readHeader(text, set)
  let from = { offset: layout.start, line: layout.line }
  const rows: ReturnType<typeof readRows<'account' | 'id' | 'name' | 'score'>>['rows'] = []
  for (;;) {
    const { rows: some, next } = readRows(text, layout, from, limit)
    if (some.length === 0 && next.offset === from.offset) return { layout, rows }
    rows.push(...some)
    from = next
  }
}

const names = 'Žofie Ådahl Ελένη Παπαδοπούλου Мария Иванова 王小明 محمد עברית 김철수 ไทย José d’Arc'

describe('encodings', () => {
  const text = `account;family_name\na;${names}\n`
  const utf16 = (order: 'le' | 'be', mark: boolean) => {
    const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le')
    return order === 'le' ? bytes : bytes.swap16()
  }
  test.each([
    ['utf-8', Buffer.from(text)],
    ['utf-8-bom', Buffer.from(`\ufeff${text}`)],
    ['utf-16le', utf16('le', true)],
    ['utf-16be', utf16('be', true)],
  ])('%s is recognised, and names in every script come through', (encoding, bytes) => {
    expect(decodeText(bytes)).toEqual({ text, encoding })
  })

  test('UTF-16 without a mark is recognised by its empty halves', () => {
    const plain = 'account;score\nada;90\n'
    const bytes = Buffer.from(plain, 'utf16le')
    expect(decodeText(bytes)).toEqual({ text: plain, encoding: 'utf-16le' })
    expect(decodeText(Buffer.from(bytes).swap16())).toEqual({ text: plain, encoding: 'utf-16be' })
  })

  test('Latin-1, as spreadsheets write it, is recognised and said', () => {
    const bytes = Buffer.from('compte;nom\nrené;Lefèvre\n', 'latin1')
    expect(decodeText(bytes)).toEqual({ text: 'compte;nom\nrené;Lefèvre\n', encoding: 'windows-1252' })
    expect(decodeText(Uint8Array.from([0x80])).text).toBe('€')
  })

  test('line ends of every system become one', () => {
    expect(decodeText(Buffer.from('a\r\nb\rc\nd')).text).toBe('a\nb\nc\nd')
  })

  test.each([
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 255, 0, 0, 254])],
    ['half of a UTF-16 text', Buffer.from([0xff, 0xfe, 0x41])],
    ['a spreadsheet file', Buffer.from([0x50, 0x4b, 3, 4, 0x14, 0, 6, 0, 8, 0, 0, 0])],
  ])('%s is no text', (_what, bytes) => {
    expect(() => decodeText(bytes)).toThrow(expect.objectContaining({ code: 'invalid_input', field: 'file' }))
  })
})

describe('the header', () => {
  test.each([',', ';', '\t', '|'])('columns may be set apart by %j', (delimiter) => {
    const text = ['Account', 'Family name', 'Score'].join(delimiter)
    expect(readHeader(text, set)).toMatchObject({ delimiter, places: { account: 0, name: 1, score: 2 } })
  })

  test('columns come in any order, in English or French, with others between them', () => {
    const layout = readHeader('Score percent;Téléphone;NOM;"Compte"\n', set)
    expect(layout).toMatchObject({ places: { score: 0, name: 2, account: 3 }, ignored: ['Téléphone'] })
    expect(foldName('  Prénom (usuel) ')).toBe('prenom_usuel')
  })

  test.each([
    ['nothing', '', 'is empty'],
    ['blank lines', '\n \n', 'is empty'],
    ['no column that is needed', 'a;b\n1;2', 'lacks the column account or learner_id, and score_percent'],
    ['one missing', 'account;name\n', 'lacks the column score_percent'],
    ['one twice', 'account,compte,score\n', 'has the column account twice'],
    ['too many', `account,score,${'x,'.repeat(60)}`, 'more than 50 columns'],
  ])('%s is refused, and says what is wrong', (_what, text, message) => {
    expect(() => readHeader(text, set)).toThrow(message)
  })
})

describe('rows', () => {
  test('are counted as a spreadsheet counts them, and blank ones are left out', () => {
    const { rows } = readAll('\naccount,score\nada,90\n\n ,\nbob,80\n')
    expect(rows.map(({ line, cells }) => [line, cells])).toEqual([
      [3, { account: 'ada', score: '90' }],
      [6, { account: 'bob', score: '80' }],
    ])
  })

  test('quotes hold delimiters, quotes and line ends', () => {
    const { rows } = readAll('account;family_name;score\n"a;b";"O""Neill\nthe 2nd";90\nc;d;80')
    expect(rows.map(({ cells }) => cells)).toEqual([
      { account: 'a;b', name: 'O"Neill\nthe 2nd', score: '90' },
      { account: 'c', name: 'd', score: '80' },
    ])
  })

  test.each([1, 2, 3, 100])('a broken quote spoils its own line only (%i at a time)', (limit) => {
    const text = 'account,score\na,1\nb,"2\nc,3\nd,"4"x\ne,5\n'
    expect(readAll(text, limit).rows).toEqual([
      { line: 2, cells: { account: 'a', score: '1' } },
      { line: 3, cells: {}, broken: 'quote' },
      { line: 4, cells: { account: 'c', score: '3' } },
      { line: 5, cells: {}, broken: 'quote' },
      { line: 6, cells: { account: 'e', score: '5' } },
    ])
  })

  test('too few or too many cells are said; empty ones beyond the last column are not', () => {
    const { rows } = readAll('account,family_name,score\na,b\na,b,1,\na,b,1,x\n')
    expect(rows.map(({ broken }) => broken)).toEqual(['cells', undefined, 'cells'])
  })

  test('whatever the cells hold, they come back, in slices of any size, as Papa Parse writes them', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/\r\n?/g, '\n'))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.integer({ min: 1, max: 5 }),
        (table, delimiter, limit) => {
          const rows = [['account', 'score'], ...table.map(([a, b]) => [`x${a}y`, `x${b}y`])]
          const text = Papa.unparse(rows, { delimiter, newline: '\n' })
          const read = readAll(text, limit).rows.map(({ cells }) => [cells.account, cells.score])
          expect(read).toEqual(rows.slice(1))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('what we write', () => {
  test.each([
    '=1+1',
    '+33 6',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '＝1+1',
    '＠SUM(A1)',
    "'=1",
    'a;=1;',
    'a\n\t"=1',
  ])('%j is no formula any more, and comes back as it was', (cell) => {
    const line = csvLine([cell])
    const [[written = ''] = []] = Papa.parse<string[]>(line, { delimiter: ',', newline: '\r\n' }).data
    expect(isFormula(written)).toBe(false)
    expect(withoutApostrophe(written)).toBe(cell)
  })

  test.each(['Ada Example', "O'Neil; l'autre", 'a-b; c', '- a', "d'une\n\nautre"])(
    '%j stays as it is but for the sign it begins with',
    (cell) => expect(safeCell(cell)).toBe(cell.startsWith('-') ? `'${cell}` : cell),
  )

  const nasty = fc
    .array(fc.constantFrom(...'=+-@;|,"\'\t\r\n a1＝'.split('')), { maxLength: 10 })
    .map((signs) => signs.join(''))
  const cells = fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), { minLength: 2, maxLength: 4 })

  test('any text comes back', () => {
    fc.assert(
      fc.property(cells, (row) => {
        const [read = []] = Papa.parse<string[]>(csvLine(row), { newline: '\r\n', delimiter: ',' }).data
        expect(read.map(withoutApostrophe)).toEqual(row)
        expect(read.some(isFormula)).toBe(false)
      }),
    )
  })

  test('a program that splits the line at another sign finds no formula either, whatever it makes of quotes', () => {
    fc.assert(
      fc.property(cells, (row) => {
        const line = csvLine(row)
        for (const separator of [';', '\t', '|']) {
          const naive = line.split(/[\r\n]/).flatMap((part) => part.split(separator))
          const quoting = Papa.parse<string[]>(line, { delimiter: separator }).data.flat()
          expect([...naive, ...quoting].filter((cell) => /^"*[=+\-@＝]/.test(cell))).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('our own reader takes our own file back', () => {
    const rows = [
      ['account', 'score'],
      ['a;=1', '"=2'],
      ['|@x', "b;'=3"],
    ]
    const text = decodeText(Buffer.from(rows.map(csvLine).join(''))).text
    const read = readAll(text, 2).rows.map(({ cells: { account = '', score = '' } }) => [account, score])
    expect(read.map((row) => row.map(withoutApostrophe))).toEqual(rows.slice(1))
  })
})
