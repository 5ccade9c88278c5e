import { inStep } from '#core/trace.ts'
import type { LiveAttempt } from './attempt.ts'
import { reservationAt } from './calendar.ts'
import { workRunOf } from './collect-run.ts'
import { type JobRequest, QueueError } from './queue.ts'
import type { Run } from './run.ts'
import type { RunEvent } from './run-events.ts'
import { hiddenSeed, manifestKey } from './run-secrets.ts'
import { wantsOwnAccount } from './site-options.ts'
import { practicalOf, type StepPorts, siteOf, stepAttempt } from './step-attempt.ts'

/** Sends the job of a run whose intention is written, and notes what came of it. */
export function sendRun(
  attempt: LiveAttempt,
  run: Run,
  runs: readonly Run[],
  ports: StepPorts,
): Promise<void> {
  const notes = { 'academy.site': attempt.site, 'academy.stage': run.stage }
  return inStep(ports.trace, { name: 'practical send', kind: 'consumer', from: attempt.trace, notes }, () =>
    send(attempt, run, runs, ports),
  )
}

async function send(attempt: LiveAttempt, run: Run, runs: readonly Run[], ports: StepPorts): Promise<void> {
  let event: RunEvent
  try {
    const account = run.stage === 'work' ? await ownAccount(attempt, ports) : undefined
    const job = jobOf(attempt, run, runs, ports)
    const { jobId } = await siteOf(attempt, ports).queue.submit(
      account === undefined ? job : { ...job, account },
    )
    event = { type: 'submitted', jobId, at: ports.clock.now() }
  } catch (error) {
    const kind = error instanceof QueueError ? error.kind : 'unconfirmed'
    const reason = error instanceof QueueError ? error.message : 'the queue failed'
    event = { type: 'submit-failed', kind, reason, at: ports.clock.now() }
  }
  // Lost to another writer (a cancel): that state resolves by key.
  await stepAttempt(attempt, event, ports)
}

/**
 * The learner's own account at a site that wants one: the very one that was confirmed when the attempt was given to
 * the site. Who took it back since runs nothing there, neither under it nor under another they have named meanwhile.
 */
async function ownAccount(attempt: LiveAttempt, ports: StepPorts): Promise<string | undefined> {
  if (!wantsOwnAccount(siteOf(attempt, ports).profile)) return undefined
  const accounts = await ports.store.siteAccountsOf(attempt.learnerId)
  const own = accounts.find(({ site }) => site === attempt.site)
  if (own?.state !== 'confirmed' || own.version !== attempt.accountVersion)
    throw new QueueError('rejected', 'the learner has no account of their own at the site any more')
  return own.user
}

function jobOf(attempt: LiveAttempt, run: Run, runs: readonly Run[], ports: StepPorts): JobRequest {
  const practical = practicalOf(attempt, ports)
  const { profile } = siteOf(attempt, ports)
  const { minutes } = practical[run.stage].resources
  const reservation = reservationAt(profile, attempt.partition, minutes * 60, ports.clock.now())
  const job = {
    key: run.key,
    stage: run.stage,
    partition: attempt.partition,
    ...(reservation === undefined ? {} : { reservation }),
    practical: { id: practical.id, version: practical.version },
    environment: { SKA_ATTEMPT: attempt.id, SKA_RUN_KEY: run.key },
    resources: practical[run.stage].resources,
    limits: practical[run.stage].limits,
    isolation: practical[run.stage].isolation,
  }
  if (run.stage === 'work') {
    const configuration = Buffer.from(JSON.stringify(attempt.configuration))
    return { ...job, inputs: [{ name: 'configuration.json', bytes: configuration }] }
  }
  const secret = {
    key: Buffer.from(manifestKey(ports.signers, run.key, run.nonce)).toString('base64url'),
    nonce: run.nonce,
    seed: hiddenSeed(ports.signers, attempt.id, attempt.practical.specHash),
    specHash: attempt.practical.specHash,
    graderSha256: practical.graderSha256,
    // From our own record: what the artefact claims is held against it.
    configuration: attempt.configuration,
  }
  const work = workRunOf(runs)
  return {
    ...job,
    inputs: [],
    ...(work ? { artefactOf: work.key } : {}),
    secret: Buffer.from(JSON.stringify(secret)),
  }
}
