import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { readSettings } from './settings.ts'

/** The health check of a container: ends with 0 when the server of this machine may be sent work. */
const { port, tls } = readSettings(process.env)
const seconds = 4

const options = {
  host: '127.0.0.1',
  port,
  path: '/readyz',
  timeout: seconds * 1000,
  // Asked over loopback, where no certificate has the name: who answers is known.
  rejectUnauthorized: false,
}
const request = tls ? tlsRequest(options) : plainRequest(options)
request.on('response', (response) => {
  response.resume()
  process.exitCode = response.statusCode === 200 ? 0 : 1
})
request.on('timeout', () => request.destroy(new Error(`no answer in ${seconds} seconds`)))
request.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
request.end()
