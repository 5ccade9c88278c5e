import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localBox } from '#adapters/local/box.ts'
import { boxEnvironment } from '#core/practicals/site.ts'
import { type BoxedProgram, boxedCommand, checkBoxImage, runBoxed } from '#practicals/kit/box.ts'

const program: BoxedProgram = {
  command: ['/usr/bin/bash', '/artefact/job.sh', '--rank', '1'],
  environment: { RANK: '1' },
  mounts: [
    { from: '/site/jobs/k/artefact', to: '/artefact' },
    { from: '/site/jobs/k/parts', to: '/out', writable: true },
  ],
  workingDirectory: '/out',
  limits: {
    wallSeconds: 30,
    cpuSeconds: 20,
    memoryMiB: 64,
    bytesPerFile: 4096,
    bytesInAll: 8192,
    processes: 16,
    openFiles: 64,
  },
}
const image = { image: '/site/images/box.sif', sha256: 'a'.repeat(64) }
const limits =
  '/usr/bin/prlimit --core=0 --cpu=20 --data=67108864 --fsize=4096 --nofile=64 --nproc=16 -- /usr/bin/bash /artefact/job.sh --rank 1'

test('bwrap: nothing of the job’s environment, no network, its own files and no others, limits set inside', () => {
  const { file, args, env } = boxedCommand(program, boxEnvironment('bwrap'))
  const line = [file, ...args].join(' ')
  expect(line).toMatch(
    /^\/usr\/bin\/bwrap --unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --cap-drop ALL /,
  )
  expect(line).toContain(
    '--size 8192 --tmpfs /tmp --ro-bind /site/jobs/k/artefact /artefact --bind /site/jobs/k/parts /out',
  )
  expect(line.endsWith(`--chdir /out -- ${limits}`)).toBe(true)
  expect(env).toEqual({ PATH: '/usr/bin:/bin' })
})

test('Apptainer: the site’s image, contained, without home and network, limits set inside', () => {
  const { args, env } = boxedCommand(program, boxEnvironment(image))
  const line = args.join(' ')
  expect(line).toMatch(
    /^--silent exec --containall --no-home --cleanenv --no-privs --net --network none --pwd \/out /,
  )
  expect(line).toContain(
    '--bind /site/jobs/k/artefact:/artefact:ro --bind /site/jobs/k/parts:/out --env RANK=1',
  )
  expect(line.endsWith(`/site/images/box.sif ${limits}`)).toBe(true)
  expect(env).toEqual({ PATH: '/usr/bin:/bin' })
})

test('an image that is not the one the site names is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-image-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'box.sif')
  writeFileSync(file, 'an image')
  const sha256 = createHash('sha256').update('an image').digest('hex')
  await checkBoxImage(boxEnvironment({ image: file, sha256 }))
  await expect(checkBoxImage(boxEnvironment({ image: file, sha256: image.sha256 }))).rejects.toThrow(/image/)
  await expect(checkBoxImage(boxEnvironment(image))).rejects.toThrow()
})

test.each([{}, { SKA_BOX: '' }, { SKA_BOX: 'docker' }, { SKA_BOX: 'apptainer' }])(
  'a job with %j runs no program of a learner',
  (environment) => {
    expect(() => boxedCommand(program, environment)).toThrow()
  },
)

test.each([
  ['folders', 'for n in {1..40}; do mkdir "$n"; done'],
  ['empty files', 'for n in {1..640}; do : > "$n"; done'],
])('%s without number are output too', async (_what, script) => {
  const box = localBox()
  if (!box) throw new Error('no box here')
  const folder = mkdtempSync(join(tmpdir(), 'academy-box-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const out = join(folder, 'out')
  mkdirSync(out)
  const end = (bytesInAll: number) =>
    runBoxed(
      {
        ...program,
        command: ['/usr/bin/bash', '-c', script],
        environment: {},
        mounts: [{ from: out, to: '/out', writable: true }],
        workingDirectory: box === 'none' ? out : '/out',
        limits: { ...program.limits, memoryMiB: 256, bytesInAll },
      },
      boxEnvironment(box),
    )
  expect(await end(1_000_000)).toEqual({ exitCode: 0 })
  expect(await end(100_000)).toMatchObject({ stopped: 'output' })
})
