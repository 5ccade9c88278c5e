import { DataDirInUse } from './data-dir-lock.ts'
import { jsonLog } from './json-log.ts'
import { BadSettings, readSettings } from './settings.ts'
import { startLocal } from './start-local.ts'

/** `npm start`: the whole academy; prints its addresses and accounts, then `ready`. */
async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const log = jsonLog((line) => process.stderr.write(line), settings.logLevel)
  const server = await startLocal(settings, log)
  const { url, accounts, ports } = server
  const { ontology } = ports
  const lines = [
    `AI Skills Academy on ${url}`,
    `  GraphQL     ${url}/graphql`,
    `  verify      ${url}/verify`,
    `  skills      ${url}/skills (ontology ${ontology.version}: ${ontology.skills.size} skills, ${ontology.modules.size} modules)`,
    `  data        ${settings.dataDir}`,
    ...(accounts.length > 0 ? ['', 'Invented accounts, without passwords, on this machine only:'] : []),
    ...accounts.map(
      ({ account, roles, institution }) => `  ${account.padEnd(12)}${roles.join(', ')} · ${institution}`,
    ),
    ...(accounts.length > 0 ? [`Access token for scripts: ${url}/dev/token?as=learner`, ''] : []),
    'ready',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)

  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** A setting, a lock or a file that cannot be used is told in plain lines; anything else with its stack. */
function tell(error: unknown): string {
  const plain = error instanceof BadSettings || error instanceof DataDirInUse
  if (plain || (error instanceof Error && error.name === 'OntologyError')) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

main().catch((error: unknown) => {
  process.stderr.write(`The academy cannot start.\n${tell(error)}\n`)
  process.exit(1)
})
