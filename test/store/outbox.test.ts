import { expect, test } from 'vitest'
import { world } from '#test/support/world.ts'

test('an outbox is held by one at a time, until it is let go or the time is over', async () => {
  const { store, clock, institutions } = await world()
  const { tag } = institutions.northLake
  const first = await store.holdOutbox(tag, 60)
  expect(first).toBeDefined()
  expect(await store.holdOutbox(tag, 60)).toBeUndefined()
  expect(await store.holdOutbox(institutions.institutDuPort.tag, 60)).toBeDefined()
  await first?.release()
  const second = await store.holdOutbox(tag, 60)
  expect(second).toBeDefined()
  clock.advance({ minutes: 2 })
  const third = await store.holdOutbox(tag, 60)
  expect(third).toBeDefined()
  // Whose time was over does not let go for the one who has it now.
  await second?.release()
  expect(await store.holdOutbox(tag, 60)).toBeUndefined()
})
