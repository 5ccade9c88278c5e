import { gradeRun, parseArtefact } from '../kit/grade-run.ts'
import { zArtefact } from './artefact.ts'
import { judgeServing } from './judge-serving.ts'
import { loadWeights } from './load-weights.ts'

// The grader's run: a process of its own, none of whose code or input comes from the learner but one file of data.
await gradeRun('inference-throughput', ({ artefact, configuration, seed }) =>
  judgeServing(loadWeights(), zArtefact.safeParse(parseArtefact(artefact)).data, configuration, seed),
)
