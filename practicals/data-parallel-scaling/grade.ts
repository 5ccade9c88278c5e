import { gradeRun, parseArtefact } from '../kit/grade-run.ts'
import { zArtefact } from './artefact.ts'
import { judgeTraining } from './judge-training.ts'

// The grader's run: a process of its own, none of whose code or input comes from the learner but one file of data.
await gradeRun('data-parallel-scaling', ({ artefact, configuration, seed }) =>
  judgeTraining(zArtefact.safeParse(parseArtefact(artefact)).data, configuration, seed),
)
