import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { EscoImportState } from '#core/skills/esco/esco-catalogue.ts'
import { describeImport } from './import-esco.ts'
import { progressFile, type RunEscoImport, runEscoImport } from './run-esco-import.ts'

/** Imports with a line for each file read, then the report. Answers the exit code. */
export async function importEscoFiles(asked: Omit<RunEscoImport, 'progress'>): Promise<number> {
  const done = await runEscoImport({
    ...asked,
    progress: ({ progress: { name, rows }, filesDone, files }) =>
      console.error(`${filesDone}/${files} ${name}: ${rows.toLocaleString('en')} rows`),
  })
  for (const line of describeImport(done)) console.log(line)
  return 0
}

/** The same import in a process of its own that outlives this one. */
export function detachEscoImport(args: readonly string[], out: string): number {
  const again = args.filter((arg) => arg !== '--detach')
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...again], {
    detached: true,
    stdio: 'ignore',
  })
  child.unref()
  console.log(`The import goes on as process ${child.pid}; npm run ontology -- import status --out ${out}`)
  return 0
}

/** How the last import goes or went. Exit code 1 when it failed. */
export function importStatus(out: string): number {
  if (!existsSync(progressFile(out))) {
    console.log('Nothing was imported there yet.')
    return 0
  }
  const state = JSON.parse(readFileSync(progressFile(out), 'utf8')) as EscoImportState
  console.log(describeState(state))
  return state.state === 'failed' ? 1 : 0
}

function describeState(state: EscoImportState): string {
  if (state.state === 'running')
    return `Running: ${state.filesDone} of ${state.files} files, last ${state.file || 'none yet'}.`
  if (state.state === 'failed') return `Failed: ${state.message}`
  return state.written ? 'Done: written.' : 'Done: nothing was new.'
}
