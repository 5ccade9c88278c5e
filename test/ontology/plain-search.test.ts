import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainSearch } from '#core/skills/plain-search.ts'
import { loadOntology } from '#skills-ontology/load.ts'

const word = fc.stringMatching(/^[a-zà-öø-ÿ0-9]{1,12}$/)
const refusedAs = (text: string) => {
  try {
    plainSearch(text, 'search')
    return undefined
  } catch (error) {
    return error
  }
}
const refusal = (text: string) => expect(refusedAs(text), text)

describe('what people write is searched as it is', () => {
  test.each([
    'C++',
    'C#',
    '.NET',
    'AI/ML',
    'AI & data',
    'R&D',
    'pre-training',
    'Cloud-Monitoring und -Reporting',
    'R:Base',
    'code::blocks',
    'data - analysis',
    '"deep learning"',
    '« réseaux de neurones »',
    'l’apprentissage',
    'What is AI?',
    'Really?!',
    'AI: an introduction',
    'General Data Protection (GDPR)',
    'prompts (text, image)',
    'machine learning [draft]',
    'TO BE OR NOT TO BE',
    'AI AND DATA',
    'and, or, not',
    'python 3.12; numpy',
    '100 %',
    '~10 hours',
    '> 8 GPUs',
    'http://data.europa.eu/esco/skill/x',
    'H100 / H200',
    'at 10:30, 16:9',
    'a_b',
    '',
  ])('%j', (text) => {
    expect(plainSearch(text, 'search')).toBe(text)
  })

  test('every name in the ontology, in every language', () => {
    const { skills, modules, roles, escoLabels } = loadOntology()
    const names = [
      ...[...skills.values(), ...roles.values()].flatMap(({ label }) => Object.values(label)),
      ...[...modules.values()].flatMap(({ title }) => Object.values(title)),
      ...[...escoLabels.values()].flatMap((label) => Object.values(label)),
    ]
    expect(names.length).toBeGreaterThan(500)
    expect(names.filter((name) => refusedAs(name) !== undefined)).toEqual([])
  })

  test('any words, with the signs of writing after or between them', () => {
    const end = fc.constantFrom('', ',', '.', ';', ':', '?', '!', '…', '’s', '++', '#', '%')
    const between = fc.constantFrom(' ', ' - ', ' & ', ' / ', ' – ', ' + ')
    const written = fc.array(fc.tuple(word, end, between), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(written, (parts) => {
        const text = parts.map((part) => part.join('')).join('')
        expect(plainSearch(text, 'search')).toBe(text)
      }),
    )
  })
})

describe('what is written in Lucene’s language is refused by the field’s name, and not repeated', () => {
  test.each([
    'title:(a OR',
    'title:foo',
    'names_en:"deep learning"',
    'foo~',
    'foo~2',
    '"deep learning"~3',
    'foo^2',
    '*',
    '*:*',
    'learn*',
    'te?t',
    '[a TO b]',
    '{a TO b]',
    'year:[2020 TO *]',
    'neural AND network',
    'neural OR (network',
    'NOT neural',
    '+neural -network',
    '!neural',
    'neural && network',
    'neural || network',
    '/neura.*/',
    'neural\\ network',
  ])('%j', (text) => {
    refusal(text).toMatchObject({ code: 'invalid_input', field: 'search' })
    refusal(text).not.toHaveProperty('message', expect.stringContaining(text))
  })

  test('whatever the words', () => {
    const query = fc
      .tuple(word, word, fc.nat(9))
      .chain(([a, b, n]) =>
        fc.constantFrom(
          `xy${a}:${b}`,
          `xy${a}:(${b} OR x`,
          `${a}~`,
          `${a}~${n}`,
          `"${a} ${b}"~${n}`,
          `${a}^${n}`,
          `${a}*`,
          `*${a}`,
          `${a}?${b}`,
          `[${a} TO ${b}]`,
          `{${a} TO ${b}}`,
          `+${a} ${b}`,
          `${b} -"${a}"`,
          `!${a}`,
          `${a} && ${b}`,
          `${a} || ${b}`,
          `/${a}.${b}/`,
          `\\${a}`,
          `x${a} AND ${b}`,
          `(${a} OR x${b})`,
        ),
      )
    fc.assert(
      fc.property(query, (text) => {
        refusal(text).toMatchObject({ code: 'invalid_input', field: 'search' })
      }),
    )
  })
})

test('of a text that is far too long only the beginning is looked at', () => {
  const began = plainSearch('['.repeat(60_000), 'search')
  expect(began).toBe('['.repeat(300))
  expect(refusedAs(`${'a'.repeat(400)} learn*`)).toBeUndefined()
})
