import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Malformed } from '#core/jose/malformed.ts'
import { strictJsonObject } from '#core/jose/strict-json.ts'

const limits = { maxDepth: 20, maxMembers: 1000 }
function read(json: string, more = limits): unknown {
  try {
    return strictJsonObject(json, more)
  } catch (error) {
    if (error instanceof Malformed) return error.reason
    throw error
  }
}

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{ "a" : {"b":[{"c":1,"c":2}]} }',
  '{"":1,"":2}',
  '{"a\\\\":1,"a\\\\":2}',
])('%s says a name twice', (json) => expect(read(json)).toBe('name_twice'))

test.each([
  '{"a":{"a":1},"b":{"a":1}}',
  '{"x":[{"a":1},{"a":1},"a","a"]}',
  '{"a":"\\"a\\":","b":"\\\\","c":"a"}',
  '{}',
])('%s says each name once', (json) => expect(read(json)).toEqual(JSON.parse(json)))

test.each(['', '"a"', '[]', '{"a":1', '{"a', '{"\\x":1}', '}}{', 'null'])('%s is no object', (json) =>
  expect(read(json)).toBe('not_json'),
)

test('what is nested deeper, or has more members, than it may is not parsed at all', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  expect(read(nested(20))).toBeTypeOf('object')
  expect(read(nested(21))).toBe('too_deep')
  // Broken behind the place where it is given up: nobody has read so far.
  expect(read(`{"a":${'['.repeat(30)}`)).toBe('too_deep')
  const wide = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}":0`).join(',')}}`
  expect(read(wide(1000))).toBeTypeOf('object')
  expect(read(wide(1001))).toBe('too_large')
})

test('whatever is written from values is read as JSON.parse reads it; with any member put in twice it is not', () => {
  const many = { maxDepth: 1000, maxMembers: 100_000 }
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }), (value) => {
      const json = JSON.stringify(value).toWellFormed()
      expect(read(json, many)).toEqual(JSON.parse(json))
      const spaced = JSON.stringify({ value: [value] }, undefined, 1).toWellFormed()
      expect(read(spaced, many)).toEqual(JSON.parse(spaced))
      const [name] = Object.keys(value)
      const twice = `${json.slice(0, -1)},${JSON.stringify(name).toWellFormed()}:0}`
      expect(read(twice, many)).toBe('name_twice')
    }),
    { numRuns: 60 },
  )
})
