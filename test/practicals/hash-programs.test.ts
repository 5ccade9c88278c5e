import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import { type hashPrograms, programFiles } from '#practicals/kit/hash-programs.ts'
import { loadPracticals } from '#practicals/load-practicals.ts'
import { shippedIds } from '#practicals/shipped.ts'

test('a grader is all it imports, starts and reads, and no test, solution or type', () => {
  const names = [...programFiles('inference-throughput', 'grade').keys()]
  expect(names).toEqual(
    expect.arrayContaining([
      'practicals/inference-throughput/grade.ts',
      'practicals/inference-throughput/engine/worker.ts',
      'practicals/inference-throughput/weights.bin',
      'practicals/kit/grade-run.ts',
      'core/practicals/manifest.ts',
      'zod',
    ]),
  )
  expect(names.filter((name) => /test|solutions|core\/(?!practicals\/manifest)/.test(name))).toEqual([])
})

test('what an operator lays out at a site grades under the hashes the academy pins, until it is changed', async () => {
  const programs = mkdtempSync(join(tmpdir(), 'academy-programs-'))
  onTestFinished(() => rmSync(programs, { recursive: true, force: true }))
  stagePrograms('.', programs)
  const kit = pathToFileURL(join(programs, 'practicals/kit/hash-programs.ts')).href
  const staged = (await import(kit)) as { hashPrograms: typeof hashPrograms }
  for (const id of shippedIds) {
    const pinned = loadPracticals().find(id)?.graderSha256
    expect(staged.hashPrograms(id, 'grade')).toBe(pinned)
    appendFileSync(join(programs, `practicals/${id}/grade.ts`), '// changed\n')
    expect(staged.hashPrograms(id, 'grade')).not.toBe(pinned)
  }
})
