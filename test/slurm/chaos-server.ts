import { readFileSync } from 'node:fs'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { type ChaosPlan, chaosWorld } from './chaos-world.ts'

// A server of the chaos drill in a process of its own, so that it can be killed:
// `node chaos-server.ts PLAN ATTEMPTS` starts so many attempts, prints them and ends;
// `node chaos-server.ts PLAN` drives whatever is live until it is killed, and prints how many are.
const [, , file = '', attempts] = process.argv
const w = await chaosWorld(JSON.parse(readFileSync(file, 'utf8')) as ChaosPlan)
const tell = (line: string) => process.stdout.write(`${line}\n`)
const tenant = w.institutions.northLake.tag

if (attempts !== undefined) {
  const offering = await w.offering({ moduleId: 'm-llm-inference', allowsLocalEvidence: false })
  for (let n = 0; n < Number(attempts); n++) {
    const { learner, actor } = await w.learner()
    await w.enrolment(learner.id, offering)
    const { id } = await startPractical(
      actor,
      { requestId: w.requestId(), offeringId: offering.id, configuration: { mode: 'pass' } },
      w,
    )
    tell(`attempt ${id} ${learner.id}`)
  }
  process.exit(0)
}

for (;;) {
  try {
    await driveAttempts(w)
  } catch (error) {
    console.error(error)
  }
  const far = new Date(Date.now() + 365 * 86_400_000)
  tell(`live ${(await w.store.dueAttempts(tenant, 'test-factory', far, 1000)).length}`)
  await new Promise((resolve) => setTimeout(resolve, 50))
}
