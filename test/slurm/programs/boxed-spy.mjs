import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'

// A learner's program that looks for whatever is around it, and tells what it found.
const [, , folder, port] = process.argv
const attempt = (action) => {
  try {
    return action()
  } catch (error) {
    return `no: ${error.code}`
  }
}
const read = (file) => attempt(() => readFileSync(file, 'latin1'))
const processes = attempt(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
const found = {
  question: readFileSync(0, 'utf8'),
  environment: process.env,
  processes: processes.map((pid) => [pid, read(`/proc/${pid}/environ`), read(`/proc/${pid}/cmdline`)]),
  root: attempt(() => readdirSync('/')),
  files: [`${folder}/beside.txt`, '/etc/passwd', '/etc/hostname', '/root/.profile', '/var/log/dpkg.log'].map(
    read,
  ),
  uid: process.getuid(),
  wroteArtefact: attempt(() => appendFileSync(import.meta.filename, '//')),
  wroteOut: attempt(() => writeFileSync('/out/file', 'x')),
  network: await new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('connect', () => resolve('reached'))
    socket.on('error', ({ code }) => resolve(code))
  }),
}
process.stdout.write(JSON.stringify(found), () => process.exit(0))
