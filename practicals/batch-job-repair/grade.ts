import { parse } from '#core/parse.ts'
import { checkBoxImage } from '../kit/box.ts'
import { gradeRun, parseArtefact } from '../kit/grade-run.ts'
import { zArtefact } from './artefact.ts'
import { readJobScript } from './job-script.ts'
import { judgeScript } from './judge-script.ts'
import { batchJobRepair } from './practical.ts'

// The grader's run. The learner's script comes from the academy's own record and runs in a box, in which there is
// nothing but the shards it is to read.
await gradeRun('batch-job-repair', async ({ artefact, configuration, seed }) => {
  const script = readJobScript(parse(batchJobRepair.zConfiguration, configuration).script)
  if ('what' in script) throw new Error('the script that was taken cannot be read')
  await checkBoxImage(process.env)
  const claimed = zArtefact.safeParse(parseArtefact(artefact)).data
  return judgeScript(script, claimed, seed, { folder: 'run', box: process.env })
})
