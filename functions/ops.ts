import { backupCommand, restoreCommand } from './ops/backup.ts'
import { escoCommand } from './ops/esco.ts'
import { keysCommand } from './ops/keys.ts'
import { parkedCommand, replayCommand } from './ops/outbox.ts'
import { eraseAgainCommand, rebuildCommand } from './ops/repair.ts'
import { sealsCommand } from './ops/seals.ts'

/** One area of operations: its line of help, and what it does with the words behind its name. */
export interface OpsCommand {
  summary: string
  /** Answers what to print; throws with a plain message when it cannot be done. */
  run(words: string[]): Promise<string[]>
}

const commands: Record<string, OpsCommand> = {
  keys: keysCommand,
  seals: sealsCommand,
  parked: parkedCommand,
  replay: replayCommand,
  rebuild: rebuildCommand,
  'erase-again': eraseAgainCommand,
  esco: escoCommand,
  backup: backupCommand,
  restore: restoreCommand,
}

const usage = [
  'npm run ops -- AREA [ACTION] [options]',
  '',
  ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(13)}${summary}`),
  '',
  '`npm run ops -- AREA --help` says what an area can do.',
]

/** `npm run ops`: what whoever runs an academy does to it from the command line. */
async function main([area = '--help', ...words]: string[]): Promise<string[]> {
  if (area === '--help' || area === '-h') return usage
  const command = Object.hasOwn(commands, area) ? commands[area] : undefined
  if (!command) throw new Error(usage.join('\n'))
  return command.run(words)
}

main(process.argv.slice(2)).then(
  (lines) => process.stdout.write(`${lines.join('\n')}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
