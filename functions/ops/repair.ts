import { parseArgs } from 'node:util'
import type { OpsCommand } from '../ops.ts'
import { askTask, taskHelp, taskOptions } from './do-task.ts'

const rebuildHelp = [
  'npm run ops -- rebuild [--deployment NAME]',
  '',
  'Makes the skills graph from nothing but the records: the ontology in force, then every learner. Events may',
  'be told meanwhile; searches go on; who holds what is incomplete until it is done. May be stopped and repeated.',
  '',
  ...taskHelp,
]

/** `npm run ops -- rebuild`. */
export const rebuildCommand: OpsCommand = {
  summary: 'make the skills graph anew from the records',
  async run(words) {
    const { values } = parseArgs({ args: words, options: taskOptions })
    if (values.help) return rebuildHelp
    const tell = (line: string) => void (values.json || process.stderr.write(`${line}\n`))
    const { count = 0 } = await askTask(values.deployment, { do: 'rebuild' }, tell)
    return [values.json ? JSON.stringify({ learners: count }) : `The graph was told of ${count} learners.`]
  },
}

const eraseHelp = [
  'npm run ops -- erase-again [--deployment NAME]',
  '',
  'After records or learner keys were restored from a time before: erases again everybody who had been erased.',
  '',
  ...taskHelp,
]

/** `npm run ops -- erase-again`. */
export const eraseAgainCommand: OpsCommand = {
  summary: 'after a restore: erase again whoever had been erased',
  async run(words) {
    const { values } = parseArgs({ args: words, options: taskOptions })
    if (values.help) return eraseHelp
    const { count = 0 } = await askTask(values.deployment, { do: 'erase-again' })
    return [values.json ? JSON.stringify({ again: count }) : `${count} had come back and were erased again.`]
  },
}
