import { lambdaEntry } from './lambda-entry.ts'
import { kept } from './lambda-world.ts'
import { doTask, type TaskAnswer, zTask } from './operator-tasks.ts'

const open = kept((world) => world)
/** A part of a task ends well before the function does. */
const partSeconds = 600

/** On Lambda: what an operator asks by `npm run ops`; nothing else calls it, and only who may invoke it. */
export const handler = lambdaEntry(open, ({ ports }, input: unknown): Promise<TaskAnswer> => {
  const until = new Date(ports.clock.now().getTime() + partSeconds * 1000)
  return doTask(zTask.parse(input), ports, until)
})
