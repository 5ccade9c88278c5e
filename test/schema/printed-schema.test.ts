import { readFileSync } from 'node:fs'
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { expect, test } from 'vitest'
import { refusalCodes } from '#core/refusal.ts'
import { printedSchema } from '#schema/print.ts'
import { schema } from '#schema/schema.ts'

test('schema.graphql is what the code builds; `npm run schema` writes it anew', () => {
  const kept = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8')
  // Read and printed again: how the file is laid out is the formatter's business.
  expect(`${printSchema(lexicographicSortSchema(buildSchema(kept)))}\n`).toBe(printedSchema())
})

test('every mutation answers a nullable union with a typed refusal and takes one input with a requestId', () => {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
  expect(mutations.length).toBeGreaterThan(0)
  for (const { name, type, args } of mutations) {
    expect(String(type), name).toMatch(/^[A-Z]\w+Result$/)
    expect(
      args.map((arg) => arg.name),
      name,
    ).toEqual(['input'])
    expect(printedSchema(), name).toMatch(new RegExp(`union ${String(type)} = .*\\bRefusal\\b`))
    expect(printedSchema(), name).toMatch(
      new RegExp(`input ${String(args[0]?.type).replace('!', '')} {[^}]*requestId: String!`),
    )
  }
})

test('every code of a refusal is in the schema', () => {
  for (const code of refusalCodes) expect(printedSchema()).toMatch(new RegExp(`^  ${code}$`, 'm'))
})
