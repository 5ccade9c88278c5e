import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasUniqueMembers } from '#core/jose/unique-members.ts'

test.each([
  ['{"a":1,"a":1}', false],
  ['{"a":1,"\\u0061":2}', false],
  ['{ "a" : {"b":[{"c":1,"c":2}]} }', false],
  ['{"a":{"a":1},"b":{"a":1}}', true],
  ['[{"a":1},{"a":1},"a","a"]', true],
  ['{"a":"\\"a\\":","b":"\\\\","c":"a"}', true],
  ['{"":1,"":2}', false],
  ['{}', true],
  ['"a"', true],
])('%s: names are said once: %s', (json, unique) => expect(hasUniqueMembers(json)).toBe(unique))

test('whatever JSON is written from values has unique names; with any member put in twice it has not', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }), (value) => {
      const json = JSON.stringify(value)
      expect(hasUniqueMembers(json)).toBe(true)
      expect(hasUniqueMembers(JSON.stringify({ value: [value] }, undefined, 1))).toBe(true)
      const [name] = Object.keys(value)
      expect(hasUniqueMembers(`${json.slice(0, -1)},${JSON.stringify(name)}:0}`)).toBe(false)
    }),
    { numRuns: 60 },
  )
})
