import { parseArgs } from 'node:util'
import { runDemo } from './run-demo.ts'
import { SiteMissing, slurmHelp, slurmSite } from './slurm-site.ts'
import { teller } from './tell.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'string' },
    site: { type: 'string', default: 'local' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run demo [-- --json] [--keep DIR] [--site local|slurm]

Starts a server of its own in a temporary folder, over https with a throw-away certificate, and walks one
learner through the whole loop. --json prints a machine-readable summary as the last line. --keep leaves every edition of the award
in that folder, with ca.pem and ca.crl of the test institution. --site says where the practical runs: on this machine (local), or

${slurmHelp}`)
  process.exit(0)
}

try {
  if (values.site !== 'local' && values.site !== 'slurm') throw new Error('--site must be local or slurm')
  const site = values.site === 'slurm' ? slurmSite(process.env) : undefined
  try {
    const summary = await runDemo(
      teller((line) => console.log(line)),
      { ...(values.keep === undefined ? {} : { keep: values.keep }), ...(site ? { site } : {}) },
    )
    if (values.json) console.log(JSON.stringify(summary))
  } finally {
    site?.end()
  }
} catch (cause) {
  process.exitCode = 1
  if (cause instanceof SiteMissing) console.error(cause.message)
  else {
    console.error(`\nThe demo did not get through: ${cause instanceof Error ? cause.message : String(cause)}`)
    if (cause instanceof Error && cause.stack) console.error(cause.stack.split('\n').slice(1, 6).join('\n'))
  }
}
