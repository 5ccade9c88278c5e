import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const folder = join(import.meta.dirname, '..', 'engines')

/**
 * Starts every engine that has a `start.sh` in `test/engines/`, installing what it needs. The scripts
 * print `started` or `running` and then `NAME=value` lines, which the suites read from the environment.
 * Only what was started here is stopped again. An engine that cannot start fails the run.
 */
export default function startEngines(): () => Promise<void> {
  const started: string[] = []
  // Without holding up this process: meanwhile the last worker tells it that it has ended.
  const stopAll = async () => {
    for (const name of started.reverse()) await promisify(execFile)('bash', [join(folder, name, 'stop.sh')])
  }
  try {
    for (const name of engines()) {
      const [state, ...settings] = run(name, 'start.sh').trim().split('\n')
      if (state === 'started') started.push(name)
      for (const line of settings) {
        const [, key, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
        if (key && value !== undefined) process.env[key] = value
      }
    }
  } catch (cause) {
    for (const name of started.reverse()) run(name, 'stop.sh')
    throw cause
  }
  return stopAll
}

/** `ENGINES=dynamodb,neo4j` narrows the run to some; the default is all of them. */
function engines(): string[] {
  const asked = process.env['ENGINES']?.split(',')
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'start.sh')))
    .map((entry) => entry.name)
    .filter((name) => asked === undefined || asked.includes(name))
    .sort()
}

function run(name: string, script: string): string {
  try {
    return execFileSync('bash', [join(folder, name, script)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 15 * 60 * 1000,
    })
  } catch (cause) {
    throw new Error(
      `test/engines/${name}/${script} failed; this suite needs that engine and never skips it.`,
      {
        cause,
      },
    )
  }
}
