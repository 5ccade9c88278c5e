import { cpSync, mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'

const shipped = ['package.json', 'core', 'practicals', 'adapters/slurm', 'node_modules/zod']

/**
 * Lays the constant programs of the practicals into a site's `programs` folder, readable for both accounts,
 * together with what they import. Done by an operator once per release; jobs only read there.
 */
export function stagePrograms(projectRoot: string, programs: string): void {
  mkdirSync(programs, { recursive: true })
  for (const part of shipped) {
    const from = join(projectRoot, part)
    cpSync(from, join(programs, part), {
      recursive: true,
      dereference: true,
      // Tests and sample solutions are nothing a job needs, and a solution is nothing a learner should find.
      filter: (file) => !/(^|\/)solutions($|\/)|\.test\.ts$/.test(relative(from, file)),
    })
  }
}
