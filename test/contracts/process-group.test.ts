import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('a signal to a job that could not be started does not reach the server’s own group', async () => {
  const script = `
    const { signalGroup } = await import('./adapters/local/process-group.ts')
    signalGroup(0, 'SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 50))`
  // Detached: in a process group of its own, so that a mistake ends this child and not the tests.
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    detached: true,
    stdio: 'ignore',
  })
  expect(await once(child, 'exit')).toEqual([0, null])
})
