import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site that answers as Slurm v0.0.38 does, out of memory: every job it takes runs until it is told to end. */
export interface RecordedSlurm {
  url: string
  /** Requests so far: submits, and everything else. */
  counts: { submits: number; questions: number }
  jobs(): number
  close(): void
}

/** Bytes of one job in a real answer; ours carry the members the adapter reads and are filled up to it. */
const jobBytes = 2400

export async function recordedSlurm(users: { work: string; grade: string }): Promise<RecordedSlurm> {
  const counts = { submits: 0, questions: 0 }
  const jobs = new Map<number, { user: string; text: string }>()
  let changed = Date.now() / 1000
  const lists = new Map<string, { at: number; text: string }>()

  function listOf(user: string): string {
    const kept = lists.get(user)
    if (kept?.at === changed) return kept.text
    const mine = [...jobs.values()].filter((job) => job.user === user).map(({ text }) => text)
    const text = `{"meta":{},"errors":[],"jobs":[${mine.join(',')}]}`
    lists.set(user, { at: changed, text })
    return text
  }

  function take(user: string, body: string): string {
    counts.submits++
    const { job } = JSON.parse(body) as { job: { name: string; partition: string } }
    const id = jobs.size + 1
    changed = Date.now() / 1000
    const told = {
      job_id: id,
      name: job.name,
      user_name: user,
      partition: job.partition,
      job_state: 'RUNNING',
      state_reason: 'None',
      exit_code: 0,
      start_time: Math.floor(changed),
      end_time: 0,
      tres_alloc_str: 'cpu=1,mem=256M,node=1,billing=1',
      gres_detail: [],
    }
    const short = JSON.stringify(told)
    const filler = 'x'.repeat(Math.max(0, jobBytes - short.length - 12))
    jobs.set(id, { user, text: JSON.stringify({ ...told, comment: filler }) })
    return JSON.stringify({ meta: {}, errors: [], job_id: id, step_id: 'BATCH', job_submit_user_msg: '' })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const user = String(request.headers['x-slurm-user-name'] ?? '')
    const url = new URL(request.url ?? '', 'http://site')
    const send = (status: number, text = '') => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(text)
    }
    if (user !== users.work && user !== users.grade) return send(401)
    if (request.method === 'POST') return send(200, take(user, Buffer.concat(parts).toString()))
    counts.questions++
    if (url.pathname.endsWith('/ping')) return send(200, '{"pings":[{"ping":"UP"}]}')
    const since = Number(url.searchParams.get('update_time') ?? 0)
    if (since > changed) return send(304)
    send(200, listOf(user))
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    jobs: () => jobs.size,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
