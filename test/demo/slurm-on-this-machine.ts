import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const engine = join(import.meta.dirname, '..', 'engines', 'slurm')

/** The folder of the Slurm that this clone started, when it is the one at that address. */
export function ownSlurmAt(url: string): string | undefined {
  const script = 'source "$1"; pid_of slurmrestd >/dev/null && printf "%s %s" "$(cat "$state/port")" "$state"'
  try {
    const told = execFileSync('bash', ['-c', script, 'bash', join(engine, 'settings.sh')], {
      encoding: 'utf8',
    })
    const [port, state] = told.split(' ')
    return url === `http://127.0.0.1:${port}` ? state : undefined
  } catch {
    return undefined
  }
}

/** Writes a token of an hour to a file, as the administrator of a Slurm on this machine may. */
export function mintToken(conf: string, user: string, file: string): void {
  const told = askSlurm('scontrol', ['token', `username=${user}`, 'lifespan=3600'], conf)
  writeFileSync(file, told.replace(/^SLURM_JWT=/, ''), { mode: 0o600 })
}

/** The partition that takes jobs which name none. */
export function defaultPartition(conf: string): string | undefined {
  const names = askSlurm('sinfo', ['-h', '-o', '%P'], conf).split('\n')
  return names.find((name) => name.endsWith('*'))?.slice(0, -1)
}

function askSlurm(program: string, words: string[], conf: string): string {
  const env = { PATH: '/usr/bin:/bin', SLURM_CONF: conf }
  return execFileSync(program, words, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] })
}

/**
 * A new folder for the academy, with the owners and rights `docs/sites.md` asks for and this Node. Only root can
 * give folders to the two accounts.
 */
export function layOutFolder({ work, grade }: { work: string; grade: string }): string {
  const folder = mkdtempSync('/var/tmp/academy-demo-site-')
  chmodSync(folder, 0o755)
  const folders: [path: string, owner: string, group: string, mode: string][] = [
    ['programs', 'root', 'root', '755'],
    ['inbox', 'root', 'root', '755'],
    ['inbox/work', 'root', work, '2750'],
    ['inbox/grade', 'root', grade, '2750'],
    ['jobs', 'root', 'root', '755'],
    ['jobs/work', work, grade, '2750'],
    ['jobs/grade', grade, grade, '2700'],
  ]
  for (const [path, owner, group, mode] of folders)
    execFileSync('install', ['-d', '-o', owner, '-g', group, '-m', mode, join(folder, path)])
  const node = join(folder, 'programs', 'node')
  copyFileSync(process.execPath, node)
  chmodSync(node, 0o755)
  return folder
}
