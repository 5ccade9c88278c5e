import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boxedCommand } from '../../../practicals/box.ts'

// A job that starts a program of a learner, in the site's box and, to show that the search is a real one, without.
mkdirSync('learner')
mkdirSync('open')
cpSync(join(import.meta.dirname, 'boxed-spy.mjs'), 'learner/boxed-spy.mjs')
writeFileSync('beside.txt', process.env['SKA_CONTROL_FILE'] ?? '')
const limits = { wallSeconds: 40, cpuSeconds: 20, fileBytes: 1_000_000, openFiles: 128 }

for (const box of [process.env['SKA_BOX'] ?? '', 'none']) {
  const name = box === 'none' ? 'without-box' : 'in-box'
  mkdirSync(`open/${name}`)
  const { file, args, env, cwd } = boxedCommand(
    {
      artefact: join(process.cwd(), 'learner'),
      out: join(process.cwd(), 'open', name),
      program: ['node', 'boxed-spy.mjs'],
      args: [process.cwd(), process.env['SKA_CONTROL_PORT'] ?? ''],
      environment: { RANK: '3' },
      limits,
    },
    { SKA_BOX: box },
  )
  const ran = spawnSync(file, args, {
    env,
    cwd,
    input: 'question',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  writeFileSync(`out/${name}.json`, ran.stdout)
  if (ran.status !== 0) {
    console.error(ran.stderr)
    process.exit(9)
  }
}
