import { parseArgs } from 'node:util'
import type { ContestOptions } from './contest.ts'
import { credentialSections } from './credentials.ts'
import { dispatchSections } from './dispatch.ts'
import { functionSections } from './functions.ts'
import { graphSections } from './graph.ts'
import { pathSections } from './paths.ts'
import { machine, print, type Section } from './report.ts'
import { servingSections } from './serving.ts'
import { snapshotSections } from './snapshot.ts'

const help = `npm run bench [-- credentials|paths|serving|graph|snapshot|dispatch|functions] [--json] [--rounds N] [--quick]

Figures of this product beside the anchors of the same run, in turns A B C A B C.
Ratios are judged (exit code 1 when one misses its bar); absolute times are printed, never judged.
The group graph starts a Neo4j (Java, Maven) and reads REFERENCE_DATA; it runs only when named, and so does
snapshot, which it includes: a million learners take minutes.
The group functions starts a DynamoDB Local (Java, Maven) and runs only when named.
The group dispatch starts a Slurm of its own (Debian, as root) and runs only when named too.
In CI (CI=true) a bar may be missed by 20 %.`

type Sections = Promise<Section[]> | AsyncIterable<Section>
const groups: Record<string, (options: ContestOptions, slack: number) => Sections> = {
  credentials: credentialSections,
  paths: pathSections,
  serving: servingSections,
  graph: async (options, slack) => [
    ...(await graphSections(options, slack)),
    ...(await snapshotSections(options, slack)),
  ],
  snapshot: snapshotSections,
  dispatch: dispatchSections,
  functions: functionSections,
}
/** Groups that need an engine and reference data, or minutes: measured only when named. */
const onlyWhenNamed: ReadonlySet<string> = new Set(['graph', 'snapshot', 'dispatch', 'functions'])

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '21' },
    help: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const unknown = positionals.find((name) => !groups[name])
if (values.help || unknown || !Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
  console.log(help)
  process.exit(values.help ? 0 : 2)
}

const options = { rounds: values.quick ? 2 : rounds, roundMilliseconds: values.quick ? 100 : 150 }
const slack = process.env['CI'] ? 0.2 : 0
const sections: Section[] = []
if (!values.json) console.log(machine())
for (const [name, run] of Object.entries(groups)) {
  if (positionals.length > 0 ? !positionals.includes(name) : onlyWhenNamed.has(name)) continue
  for await (const section of await run(options, slack)) {
    sections.push(section)
    if (!values.json) print(section)
  }
}

const missed = sections.flatMap(({ bars }) => bars.filter(({ met }) => !met))
if (values.json) {
  const lean = sections.map(({ figures, ...rest }) => ({
    ...rest,
    figures: figures.map(({ rounds: _perRound, ...figure }) => figure),
  }))
  console.log(JSON.stringify({ machine: machine(), sections: lean, missed: missed.length }))
} else console.log(missed.length === 0 ? '\nevery bar met' : `\n${missed.length} bars missed`)
process.exitCode = missed.length === 0 ? 0 : 1
