import type { ParseArgsOptionsConfig } from 'node:util'
import { lambdaClient } from '#adapters/lambda/client.ts'
import { loadShipped } from '#skills-ontology/load.ts'
import { lockDataDir } from '../data-dir-lock.ts'
import { localPorts } from '../local-ports.ts'
import { doTask, type Task, type TaskAnswer, zTaskAnswer } from '../operator-tasks.ts'
import { readSettings } from '../settings.ts'

/** Options of every command that works on a deployment from behind, not through its doors. */
export const taskOptions = {
  deployment: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig

export const taskHelp = [
  '  --deployment NAME  of an academy on AWS, whose functions are asked under your own AWS credentials and region',
  '                     (AWS_PROFILE, AWS_REGION); without it: the data of this machine (DATA_DIR, RECORDS, GRAPH),',
  '                     while no server runs on them',
  '  --json             the answer as JSON',
]

/** Asks for a task where it is to be done, part after part until it is done; `tell` hears how far it is. */
export async function askTask(
  deployment: string | undefined,
  task: Task,
  tell: (line: string) => void = () => {},
): Promise<TaskAnswer> {
  return deployment === undefined ? here(task) : onAws(deployment, task, tell)
}

async function onAws(deployment: string, task: Task, tell: (line: string) => void): Promise<TaskAnswer> {
  const ask = lambdaClient()
  let count = 0
  for (let part: Task = task; ; ) {
    const answer = zTaskAnswer.parse(await ask(`${deployment}-operator`, part))
    count += answer.count ?? 0
    if (!answer.next || part.do !== 'rebuild')
      return answer.count === undefined ? answer : { ...answer, count }
    tell(`${count} so far`)
    part = { do: 'rebuild', from: answer.next }
  }
}

async function here(task: Task): Promise<TaskAnswer> {
  const settings = readSettings(process.env)
  const lock = lockDataDir(settings.dataDir)
  try {
    const publicUrl = settings.publicUrl ?? `http://127.0.0.1:${settings.port}`
    const local = localPorts(settings, publicUrl, loadShipped(settings.ontologyDir))
    try {
      return await doTask(task, local.ports)
    } finally {
      await local.close()
    }
  } finally {
    lock.release()
  }
}
