import { setTimeout as pause } from 'node:timers/promises'

const held = []
for (;;) {
  held.push(Buffer.alloc(16 * 1024 * 1024, 1))
  await pause(1)
}
