import { spawn } from 'node:child_process'
import { startTicks } from './limits.ts'

/** Sends a signal to a job and everything it started. Quiet when nothing is left. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  // A process that could not be started has no number; 0 would be our own group, and -1 everybody.
  if (!Number.isInteger(pid) || pid <= 1) return
  if (process.platform === 'win32') {
    // Windows has no groups and no TERM: the whole tree is ended.
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => {},
    )
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // Nothing left to signal.
  }
}

/** Whether the process that was started then is still the one with this number. */
export function isSameProcess(pid: number, ticks: string | undefined): boolean {
  return ticks !== undefined && startTicks(pid) === ticks
}
