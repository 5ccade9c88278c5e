import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site that answers as FirecREST v2 does and keeps nothing but the names of its jobs: each waits for ever. */
export interface SiteOnPaper {
  /** As a deployment file has it. */
  entry: { name: string; [member: string]: unknown }
  /** What an operator puts into its secret. */
  secret: string
  /** Jobs it was given. */
  jobs(): number
  close(): void
}

/** What it signs its hints with. */
export const hintSecret = 'a secret of the site, with 32 letters and more'

/** Listens on loopback. */
export async function siteOnPaper(): Promise<SiteOnPaper> {
  const jobs: object[] = []
  const server = createServer((request, response) => {
    const { method, url = '' } = request
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      const tell = (status: number, body: object) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      }
      if (url === '/token') return tell(200, { access_token: 'a', token_type: 'Bearer', expires_in: 300 })
      if (url.includes('/ops/stat')) return tell(404, { message: 'No such file or directory' })
      if (!url.startsWith('/compute/')) return tell(method === 'POST' ? 201 : 200, {})
      if (method === 'POST') {
        const { job } = JSON.parse(Buffer.concat(parts).toString()) as { job: { name?: string } }
        const jobId = String(jobs.length + 1)
        const status = { state: 'PENDING', stateReason: 'Resources' }
        const time = { start: 0, end: 0 }
        jobs.push({ jobId, name: job.name ?? '', user: 'work', partition: 'one', status, time })
        return tell(201, { jobId })
      }
      tell(200, { jobs })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const much = { coreMinutes: 1_000_000 }
  return {
    entry: {
      name: 'paper',
      adapter: 'firecrest',
      aiFactory: 'Paper',
      accountModel: 'service',
      dataPolicy: { country: 'LU', accepts: 'restricted' },
      partitions: [
        {
          name: 'one',
          maxMinutes: 30,
          cpus: 16,
          memoryGiB: 64,
          arch: 'x86_64',
          box: 'bwrap',
          cpu: 'none',
          limits: 'enforced',
        },
      ],
      caps: { perLearner: much, perCohort: much, perDay: much },
      address,
      tokenAddress: `${address}/token`,
      system: 'paper',
      accounts: { work: { user: 'work', clientId: 'work' }, grade: { user: 'grade', clientId: 'grade' } },
      folder: { there: '/paper' },
      node: '/paper/node',
    },
    secret: JSON.stringify({ work: 'a', grade: 'b', hints: hintSecret }),
    jobs: () => jobs.length,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
