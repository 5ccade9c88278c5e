import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asker, devToken } from '#test/support/graphql.ts'
import { freePort, type RunningServer, startServer } from '#test/support/server.ts'
import { type Callers, expectNothingLost, makeStories, retold, tellOn } from './kill-stories.ts'

/** How often the server is killed: `KILLS=50 npx vitest run test/flows/kill.test.ts` is the long drill. */
const kills = Number(process.env['KILLS'] ?? 15)
const clients = 4
const limits = { RATE_LIMIT_GRAPHQL: '1000000', RATE_LIMIT_WALLET: '1000000', RATE_LIMIT_PAGES: '1000000' }

const dataDir = mkdtempSync(join(tmpdir(), 'academy-kill-'))
let port: number
let server: RunningServer
const start = async () => {
  server = await startServer({ dataDir, port, env: limits })
}

beforeAll(async () => {
  port = await freePort()
  await start()
})
afterAll(async () => {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

test(
  `kill -9 at ${kills} random moments loses no answered write and doubles nothing`,
  async () => {
    const callers = await makeCallers(server.url)
    const stories = await makeStories(callers)
    const waiting = [...stories]
    const counts = { answered: 0, cut: 0 }
    let restart = Promise.resolve()
    let over = false

    const client = async () => {
      for (let story = waiting.shift(); story; story = waiting.shift()) {
        while (!(await tellOn(story, callers, counts))) await restart
        if (over) continue
        // The stream may not dry up before the last kill: the same award goes to one more wallet.
        const next = await retold(story)
        if (next) {
          stories.push(next)
          waiting.push(next)
        }
      }
    }
    const stream = Promise.all(Array.from({ length: clients }, client))

    for (let kill = 0; kill < kills; kill++) {
      await untilAnswers(counts, 1 + Math.floor(Math.random() * 12))
      await sleep(Math.random() * 40)
      restart = server.kill().then(start)
      await restart
    }
    const midStream = counts.answered
    over = true
    const dropped = new Set(waiting.splice(20))
    await stream

    console.log(
      `${kills} kills; ${midStream} writes answered between them, ${counts.cut} requests cut off and asked again`,
    )
    // A drill that only ever killed an idle server would prove nothing.
    expect(midStream).toBeGreaterThan(2 * kills)
    expect(counts.cut).toBeGreaterThan(0)
    await expectNothingLost(
      stories.filter((story) => !dropped.has(story)),
      callers,
    )
  },
  90_000 + kills * 6000,
)

/** A few more answers, so that the next kill meets a server in the middle of its work. */
async function untilAnswers(counts: { answered: number }, more: number): Promise<void> {
  const goal = counts.answered + more
  const deadline = Date.now() + 20_000
  while (counts.answered < goal) {
    if (Date.now() > deadline) throw new Error('the stream of requests has dried up')
    await sleep(3)
  }
}

async function makeCallers(url: string): Promise<Callers> {
  const as = async (account: string) => asker(url, await devToken(url, account))
  return { registrar: await as('registrar'), assessor: await as('assessor'), employer: await as('employer') }
}
