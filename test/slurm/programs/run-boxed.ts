import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boxedCommand, boxKind, type Mount, placeOf } from '../../../practicals/kit/box.ts'

// A job that starts a program of a learner, in the site's box and, to show that the search is a real one, without.
mkdirSync('learner')
mkdirSync('open')
cpSync(join(import.meta.dirname, 'boxed-spy.mjs'), 'learner/boxed-spy.mjs')
writeFileSync('beside.txt', process.env['SKA_CONTROL_FILE'] ?? '')
const limits = {
  wallSeconds: 40,
  cpuSeconds: 20,
  // Node claims much more memory than it uses.
  memoryMiB: 8192,
  bytesPerFile: 1_000_000,
  bytesInAll: 4_000_000,
  processes: 256,
  openFiles: 128,
}

for (const box of [process.env['SKA_BOX'] ?? '', 'none']) {
  const name = box === 'none' ? 'without-box' : 'in-box'
  mkdirSync(`open/${name}`)
  const node: Mount = { from: process.execPath, to: '/node' }
  const artefact: Mount = { from: join(process.cwd(), 'learner'), to: '/artefact' }
  const out: Mount = { from: join(process.cwd(), 'open', name), to: '/out', writable: true }
  const place = (mount: Mount) => placeOf(boxKind({ SKA_BOX: box }), mount)
  const { file, args, env, cwd } = boxedCommand(
    {
      command: [
        place(node),
        `${place(artefact)}/boxed-spy.mjs`,
        process.cwd(),
        process.env['SKA_CONTROL_PORT'] ?? '',
      ],
      environment: { RANK: '3' },
      mounts: [node, artefact, out],
      workingDirectory: place(out),
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
