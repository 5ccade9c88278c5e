import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { flushed } from '#functions/lambda-entry.ts'
import { type Entry, entries } from '../../infra/functions.ts'

/** It is given words and nothing else: no ports, so nothing to trace. */
const untraced: Entry[] = ['painter']

test.each(entries.filter((entry) => !untraced.includes(entry)))(
  'the function %s exports what it traced before it answers',
  (entry) => {
    const source = readFileSync(`functions/${entry}.ts`, 'utf8')
    expect(source).toMatch(/^export const handler = (lambdaEntry|lambdaHandler|streamingHandler)\(/m)
  },
)

test('what was traced is exported before the answer, and before the failure', async () => {
  const told: string[] = []
  const tracing = { flush: async () => void told.push('exported') }
  const open = vi.fn(async () => ({ tracing }) as never)
  await flushed(open, async () => void told.push('done'))()
  const failing = flushed(open, () => Promise.reject(new Error('no')))
  await expect(failing().finally(() => told.push('failed'))).rejects.toThrow('no')
  expect(told).toEqual(['done', 'exported', 'exported', 'failed'])
})
