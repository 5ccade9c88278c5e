import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' })
child.unref()
writeFileSync('out/child.txt', String(child.pid))
process.exit(0)
