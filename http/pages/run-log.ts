import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { QueueError } from '#core/practicals/queue.ts'
import { readRunLog } from '#core/practicals/run-files.ts'
import { practicalWords } from './i18n/practical.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

const lines = 60
const patienceMs = 3000

/** The last lines a learner's run printed. A site that does not answer soon keeps no page waiting: `undefined`. */
export async function readLogTail(
  attempt: Attempt,
  ports: Pick<Ports, 'store' | 'files' | 'sites'>,
): Promise<string | undefined> {
  const timer = Promise.withResolvers<undefined>()
  const timeout = setTimeout(() => timer.resolve(undefined), patienceMs)
  try {
    const text = await Promise.race([
      readRunLog(attempt, await ports.store.runsOf(attempt.id), ports),
      timer.promise,
    ])
    return text?.trimEnd().split('\n').slice(-lines).join('\n')
  } catch (error) {
    if (error instanceof QueueError) return undefined
    throw error
  } finally {
    clearTimeout(timeout)
  }
}

export function logView(text: string | undefined, language: Language): Html | string {
  const words = practicalWords[language]
  if (!text) return ''
  return html`<details><summary>${words.log}</summary><pre class="handed-in" tabindex="0" aria-label="${words.log}">${text}</pre></details>`
}
