import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import type { SitePartition } from '#core/practicals/site.ts'

let found: { box: SitePartition['box'] } | undefined

/**
 * How programs of learners are shut in on this machine: `bwrap` where it is there and may make name spaces, which
 * containers often forbid; else `none`, for this is one's own machine. Absent where there is not even what their
 * limits need (bash, prlimit, /proc): no job that starts any runs here. Tried once.
 */
export function localBox(): SitePartition['box'] {
  found ??= { box: tryBox() }
  return found.box
}

function tryBox(): SitePartition['box'] {
  const has = (file: string) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  }
  if (process.platform !== 'linux' || !['/usr/bin/bash', '/usr/bin/prlimit', '/proc/self/fd'].every(has))
    return undefined
  try {
    execFileSync(
      '/usr/bin/bwrap',
      [
        '--unshare-all',
        '--unshare-user',
        '--disable-userns',
        '--die-with-parent',
        '--cap-drop',
        'ALL',
        '--size',
        '4096',
        '--tmpfs',
        '/tmp',
        '--ro-bind',
        '/usr',
        '/usr',
        '--symlink',
        'usr/lib',
        '/lib',
        '--symlink',
        'usr/lib64',
        '/lib64',
        '--proc',
        '/proc',
        '--dev',
        '/dev',
        '/usr/bin/true',
      ],
      { stdio: 'ignore', timeout: 10_000, env: {} },
    )
    return 'bwrap'
  } catch {
    return 'none'
  }
}
