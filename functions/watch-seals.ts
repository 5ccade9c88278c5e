import { sealStandings } from '#core/edc/certificate-watch.ts'
import type { Ports } from '#core/ports.ts'
import type { Log } from '#http/log.ts'

const day = 86_400_000

/** Tells in the log, at start and once a day, which sealing certificates end soon or cannot be used. */
export function watchSeals(
  ports: Pick<Ports, 'store' | 'signers' | 'seals' | 'clock'>,
  log: Log,
): () => Promise<void> {
  let toldAt = Number.NEGATIVE_INFINITY
  return async () => {
    const now = ports.clock.now().getTime()
    if (now - toldAt < day) return
    for (const { institution, state, daysLeft, problem, source } of await sealStandings(ports)) {
      if (state === 'good') continue
      log({
        level: state === 'unusable' ? 'error' : 'warn',
        event: 'seal-certificate',
        institution: institution.slug,
        state,
        source,
        ...(daysLeft === undefined ? {} : { daysLeft }),
        ...(problem === undefined ? {} : { problem }),
      })
    }
    toldAt = now
  }
}
