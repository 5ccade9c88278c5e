import { beforeEach, describe, expect, test } from 'vitest'
import { parse } from '#core/parse.ts'
import { startPractical, zStartPractical } from '#core/practicals/dispatch-practical.ts'
import type { Json } from '#core/records.ts'
import { loadPracticals } from '#practicals/load-practicals.ts'
import { shippedIds } from '#practicals/shipped.ts'
import { type World, world } from '#test/support/world.ts'

const practicals = loadPracticals()
const hostile = [
  '$(touch owned)',
  '`touch owned`',
  '"; touch owned; "',
  "' ; touch owned '",
  'line\nbreak\r\n#SBATCH --time=999',
  'comma,SKA_KEY=1',
  'NUL \0 inside',
  '../../../../etc/passwd',
  '\u202eright to left',
  'x'.repeat(1024 * 1024),
]

let w: World
beforeEach(async () => {
  w = await world()
})

describe.each(shippedIds)('whatever is handed in for %s', (id) => {
  const example = practicals.find(id)?.exampleFor(1) as Record<string, Json>
  async function start(configuration: unknown) {
    const { learner, actor } = await w.learner()
    const module = [...w.ontology.modules.values()].find(({ practical }) => practical?.id === id)
    const offering = await w.offering({ moduleId: module?.id ?? '' })
    await w.enrolment(learner.id, offering)
    const input = { requestId: w.requestId(), offeringId: offering.id, configuration }
    const started = (async () => startPractical(actor, parse(zStartPractical, input), w))()
    return { started, learner }
  }

  test('in the place of any member, a hostile text starts nothing, and is not said again', async () => {
    for (const member of Object.keys(example)) {
      for (const text of hostile) {
        const { started, learner } = await start({ ...example, [member]: text })
        await expect(started).rejects.toMatchObject({
          code: 'invalid_input',
          message: expect.not.stringContaining(text.slice(0, 12)),
        })
        expect(await w.store.attemptsOf(learner.id)).toEqual([])
      }
    }
  })

  test.each([
    [null],
    [[]],
    ['text'],
    [7],
    [{}],
    [{ ...example, more: 'than asked' }],
    [{ ...example, __proto__: { polluted: true }, constructor: 1 }],
    [Array.from({ length: 20 }).reduce((inner) => ({ inner }), {})],
  ])('%# of another shape, it starts nothing', async (configuration) => {
    const { started, learner } = await start(configuration)
    await expect(started).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await w.store.attemptsOf(learner.id)).toEqual([])
  })
})
