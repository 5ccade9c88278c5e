import { jsonLog } from './json-log.ts'

/** One JSON line each, as Lambda passes them on; its own settings say which levels it keeps. */
export const lambdaLog = jsonLog((line) => process.stdout.write(line), 'info')
