import type { LearnerId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { type Attempt, isLive } from './attempt.ts'
import { attemptFolder, dayFolder } from './run-files.ts'
import { type StepPorts, stepAttempt } from './step-attempt.ts'

type ForgetPorts = StepPorts & Pick<Ports, 'files'>

/**
 * What an erased learner handed in, and what their runs left, goes with them. A run that is still under way is
 * stopped; what it leaves goes when it has ended. Doing it again changes nothing.
 */
export async function forgetAttemptsOf(learnerId: LearnerId, ports: ForgetPorts): Promise<void> {
  for (const { id } of await ports.store.attemptsOf(learnerId)) {
    const attempt = await ports.store.forgetConfiguration(id)
    if (!attempt) continue
    if (isLive(attempt)) await stop(attempt, ports)
    else await forgetFiles(attempt, ports)
  }
}

async function stop(attempt: Attempt, ports: ForgetPorts): Promise<void> {
  for (let current: Attempt | undefined = attempt; current && isLive(current); ) {
    if (current.state === 'stopping' || current.state === 'recording') return
    const stepped = await stepAttempt(current, { type: 'cancel-asked', at: ports.clock.now() }, ports)
    if (stepped && !isLive(stepped.attempt)) return forgetFiles(stepped.attempt, ports)
    // Somebody else moved it first: look again.
    current = stepped?.attempt ?? (await ports.store.findAttempt(attempt.id))
  }
}

/** Removes every file of an attempt that has ended: what we keep, and what its site still has. */
export async function forgetFiles(
  attempt: Attempt,
  { files, store, sites }: Pick<Ports, 'files' | 'store' | 'sites'>,
): Promise<void> {
  // A try may have been at another site than the one the attempt ended at.
  const names = new Set([attempt.site, ...sites.list().map(({ name }) => name)])
  for (const { key } of await store.runsOf(attempt.id))
    for (const name of names) await sites.find(name)?.files.forget(key)
  for (const name of await files.list(attemptFolder(attempt))) await files.delete(name)
}

/** Days before the last kept one that are looked at: a server that stood still for as long still catches up. */
const catchUpDays = 60

/**
 * Removes the files of attempts that began longer ago than they are kept. Records and evidence stay. Answers how
 * many attempts it was.
 */
export async function sweepRunFiles(
  ports: Pick<Ports, 'files' | 'store' | 'sites' | 'clock' | 'settings'>,
): Promise<number> {
  const { files, store, clock, settings } = ports
  let swept = 0
  for (const { tag } of await store.listInstitutions()) {
    for (let back = 1; back <= catchUpDays; back++) {
      const day = new Date(clock.now().getTime() - (settings.runFilesKeptDays + back) * 86_400_000)
      const names = await files.list(dayFolder(tag, day))
      const ids = new Set(names.map((name) => name.split('/')[3] ?? ''))
      for (const id of ids) {
        const attempt = await store.findAttempt(id as Attempt['id'])
        // An attempt that lives so long is somebody's to look into, not ours to take the files of.
        if (attempt && isLive(attempt)) continue
        if (attempt) await forgetFiles(attempt, ports)
        else for (const name of names.filter((one) => one.includes(`/${id}/`))) await files.delete(name)
        swept++
      }
    }
  }
  return swept
}
