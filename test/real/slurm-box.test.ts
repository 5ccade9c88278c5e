import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Stage } from '#core/practicals/queue.ts'
import { job, untilEnded } from '#test/contracts/queue.ts'
import { engineSetting, realQueue, stageTestPrograms } from '#test/slurm/real-site.ts'

test.each<Stage>(['work', 'grade'])(
  'in the box of a %s job a learner’s program finds no process, file, variable or network but its own',
  async (stage) => {
    const programs = stageTestPrograms('slurm/programs')
    const queue = realQueue(() => join(programs, 'run-boxed.ts'))
    const control = randomBytes(12).toString('hex')
    const secret = randomBytes(12).toString('hex')
    const { jobId } = await queue.submit(
      job('run-boxed', {
        stage,
        isolation: 'box',
        secret: Buffer.from(secret),
        environment: {
          SKA_CONTROL: control,
          SKA_CONTROL_FILE: control,
          SKA_CONTROL_PORT: new URL(engineSetting('REST_URL')).port,
        },
        limits: { ...job('p').limits, wallSeconds: 60 },
      }),
    )
    const { key, ...ended } = await untilEnded(queue, jobId, 60)
    expect(ended).toMatchObject({ outcome: 'completed' })
    const told = async (name: string) =>
      Buffer.from((await queue.files.read(key, `${name}.json`, 900_000)) ?? []).toString()

    // Without the box the same program finds what was left for it: the search is a real one.
    const without = JSON.parse(await told('without-box'))
    expect(JSON.stringify(without.processes)).toContain(control)
    expect(without.files[0]).toBe(control)
    expect(without.files[1]).toContain('root:')
    expect(without.network).toBe('reached')
    expect(without.wroteArtefact).toBeUndefined()

    const text = await told('in-box')
    const boxed = JSON.parse(text)
    for (const wanted of [control, secret, 'ACADEMY_', 'SLURM_']) expect(text.includes(wanted)).toBe(false)
    expect(boxed.question).toBe('question')
    expect(Object.keys(boxed.environment).sort()).toEqual(['PATH', 'PWD', 'RANK'])
    expect(boxed.processes.length).toBeLessThan(4)
    expect(boxed.root).toEqual(expect.arrayContaining(['artefact', 'out']))
    expect(boxed.root).not.toEqual(expect.arrayContaining(['var']))
    for (const file of boxed.files) expect(file).toBe('no: ENOENT')
    expect(boxed.network).toBe('ECONNREFUSED')
    expect(boxed.wroteArtefact).toBe('no: EROFS')
    expect(boxed.wroteOut).toBeUndefined()
  },
)
