import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { boxEnvironment } from '#core/practicals/site.ts'
import { type BoxedProgram, boxedCommand, checkBoxImage } from '#practicals/box.ts'

const program: BoxedProgram = {
  artefact: '/site/jobs/k/artefact',
  out: '/site/jobs/k/parts',
  program: ['bash', 'job.sh'],
  args: ['--rank', '1'],
  environment: { RANK: '1' },
  limits: { wallSeconds: 30, cpuSeconds: 20, fileBytes: 4096, openFiles: 64 },
}
const image = { image: '/site/images/box.sif', sha256: 'a'.repeat(64) }

test('bwrap: nothing of the job’s environment, no network, its own files and no others', () => {
  const { file, args, env } = boxedCommand(program, boxEnvironment('bwrap'))
  expect([file, ...args].join(' ')).toMatch(
    /^\/usr\/bin\/timeout --kill-after=5 30 \/usr\/bin\/prlimit --core=0 --cpu=20 --nofile=64 --fsize=4096 -- bwrap --unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --cap-drop ALL /,
  )
  expect(args.join(' ')).toContain('--ro-bind /site/jobs/k/artefact /artefact --bind /site/jobs/k/parts /out')
  expect(args.slice(-4)).toEqual(['bash', '/artefact/job.sh', '--rank', '1'])
  expect(env).toEqual({ PATH: '/usr/bin:/bin' })
})

test('Apptainer: the site’s image, contained, without home and network', () => {
  const { args, env } = boxedCommand(program, boxEnvironment(image))
  const line = args.join(' ')
  expect(line).toContain('apptainer --silent exec --containall --no-home --cleanenv')
  expect(line).toContain('--network none')
  expect(line).toContain('--bind /site/jobs/k/artefact:/artefact:ro --bind /site/jobs/k/parts:/out')
  expect(line).toMatch(/\/site\/images\/box\.sif bash \/artefact\/job\.sh --rank 1$/)
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

test('a program’s name cannot lead out of the artefact', () => {
  const { args } = boxedCommand(
    { ...program, program: ['node', '../../secret.mjs'] },
    boxEnvironment('bwrap'),
  )
  expect(args).toContain('/artefact/secret.mjs')
})

test.each([{}, { SKA_BOX: '' }, { SKA_BOX: 'docker' }, { SKA_BOX: 'apptainer' }])(
  'a job with %j runs no program of a learner',
  (environment) => {
    expect(() => boxedCommand(program, environment)).toThrow()
  },
)
