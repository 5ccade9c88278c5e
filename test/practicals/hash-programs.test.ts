import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import { hashPrograms, programFiles } from '#practicals/kit/hash-programs.ts'
import { loadPracticals, shippedIds } from '#practicals/load-practicals.ts'

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

test.each(shippedIds)(
  'what an operator lays out at a site grades %s under the hash the academy pins',
  async (id) => {
    const programs = mkdtempSync(join(tmpdir(), 'academy-programs-'))
    onTestFinished(() => rmSync(programs, { recursive: true, force: true }))
    stagePrograms('.', programs)
    const staged = async () => {
      const kit = pathToFileURL(join(programs, 'practicals/kit/hash-programs.ts')).href
      return ((await import(kit)) as { hashPrograms: typeof hashPrograms }).hashPrograms(id, 'grade')
    }
    const pinned = loadPracticals().find(id)?.graderSha256
    expect(await staged()).toBe(pinned)
    expect(pinned).toBe(hashPrograms(id, 'grade'))
    const grader = `practicals/${id}/grade.ts`
    cpSync(grader, join(programs, grader))
    writeFileSync(join(programs, grader), '// changed\n', { flag: 'a' })
    expect(await staged()).not.toBe(pinned)
  },
)
