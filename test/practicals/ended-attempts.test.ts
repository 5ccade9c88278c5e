import { expect, test } from 'vitest'
import { paperSite } from './paper-site.ts'
import { sitesWorld } from './sites-world.ts'

test('ended attempts of an offering come page by page, the last one to end first, and no others', async () => {
  const w = await sitesWorld((clock) => [paperSite('one', clock)])
  const ids: string[] = []
  for (let number = 0; number < 3; number++) {
    const { start } = await w.enrolled()
    ids.unshift((await w.finish((await start()).id)).id)
    w.clock.advance({ minutes: 1 })
  }
  await (await w.enrolled(await w.offering({ moduleId: 'm-llm-inference' }))).start()
  await (await w.enrolled()).start()

  const first = await w.store.endedAttempts(w.cohort.id, { limit: 2 })
  expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
  const next = await w.store.endedAttempts(w.cohort.id, { limit: 2, cursor: first.cursor ?? '' })
  expect(next.items.map(({ id }) => id)).toEqual(ids.slice(2))
  expect(next.cursor).toBeUndefined()
  // The cursor of one cohort opens no other's list.
  const other = await w.offering({ moduleId: 'm-llm-inference' })
  await expect(
    w.store.endedAttempts(other.id, { limit: 2, cursor: first.cursor ?? '' }),
  ).rejects.toMatchObject({ code: 'invalid_input' })
})
