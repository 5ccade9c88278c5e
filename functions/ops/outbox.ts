import { parseArgs } from 'node:util'
import { lambdaClient } from '#adapters/lambda/client.ts'
import { deadLetters } from '#adapters/sqs/dead-letters.ts'
import type { OpsCommand } from '../ops.ts'
import { askTask, taskHelp, taskOptions } from './do-task.ts'

const parkedHelp = ['npm run ops -- parked [--deployment NAME]', '', ...taskHelp]

/** `npm run ops -- parked`: events that were put aside, and who refused them. */
export const parkedCommand: OpsCommand = {
  summary: 'events a projection does not take, and so were put aside',
  async run(words) {
    const { values } = parseArgs({ args: words, options: taskOptions })
    if (values.help) return parkedHelp
    const { parked = [] } = await askTask(values.deployment, { do: 'parked' })
    if (values.json) return [JSON.stringify(parked)]
    if (parked.length === 0) return ['Nothing is put aside.']
    return parked.map(
      ({ tenant, event, writtenAt, parkedAt, refusedBy }) =>
        `${tenant}  ${event.padEnd(22)} written ${writtenAt}  put aside ${parkedAt}  by ${refusedBy.join(', ')}`,
    )
  },
}

const replayHelp = [
  'npm run ops -- replay [--deployment NAME] [--dry-run]',
  '',
  'Gives what was put aside another try: parked events go back into their outbox, messages of the dead queues to',
  'where they came from. Mend the cause first; what fails again is put aside again.',
  '',
  ...taskHelp,
  '  --dry-run          only say how much is there',
]

/** `npm run ops -- replay`. */
export const replayCommand: OpsCommand = {
  summary: 'give what was put aside another try',
  async run(words) {
    const options = { ...taskOptions, 'dry-run': { type: 'boolean', default: false } } as const
    const { values } = parseArgs({ args: words, options })
    if (values.help) return replayHelp
    const { deployment } = values
    const dryRun = values['dry-run']
    const counts: Record<string, number> = {}
    const { parked = [] } = await askTask(deployment, { do: 'parked' })
    counts['parked events'] = parked.length
    const letters = deployment === undefined ? undefined : deadLetters(deployment)
    if (letters) Object.assign(counts, await letters.count())
    if (!dryRun) {
      await askTask(deployment, { do: 'replay' })
      await letters?.replay()
      // What the stream could not deliver is in the outbox still: one more ring is all it needs.
      if (deployment !== undefined) await lambdaClient()(`${deployment}-projector`, {})
    }
    if (values.json) return [JSON.stringify({ dryRun, counts })]
    const lines = Object.entries(counts).map(([what, count]) => `  ${what.padEnd(16)} ${count}`)
    return [dryRun ? 'Put aside:' : 'Given another try:', ...lines]
  },
}
