import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

// Answers as FirecREST v2 does and does what it does: Slurm's own programs and a few of the system's, run as the
// account a token stands for. Written after its published sources (commit 35e1d080) and the recorded answers; it
// is not FirecREST.

export interface StandInOptions {
  slurmConf: string
  /** Secret and account by client. */
  clients: Readonly<Record<string, { secret: string; user: string }>>
  /** Only paths below it are served. */
  fileSystem: string
}

interface Ran {
  exit: number
  out: Buffer
  err: string
}
class Told extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Its address, until the test that called ends. */
export async function firecrestStandIn(options: StandInOptions): Promise<string> {
  const { url, close } = await openStandIn(options)
  onTestFinished(close)
  return url
}

/** The same until it is closed. */
export async function openStandIn(options: StandInOptions): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => void answer(request, response, options))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: StandInOptions,
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  const body = Buffer.concat(parts)
  const url = new URL(request.url ?? '', 'http://stand-in')
  const send = (status: number, value?: object | Buffer) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(value === undefined ? '' : Buffer.isBuffer(value) ? value : JSON.stringify(value))
  }
  try {
    const { authorization = '' } = request.headers
    if (url.pathname === '/token') return send(200, token(authorization, options))
    const user = Object.values(options.clients).find(
      (one) => authorization === `Bearer for-${one.user}`,
    )?.user
    if (!user) throw new Told(401, 'Access token is invalid.')
    const run = (command: string, input?: Buffer | string) => runAs(user, command, options.slurmConf, input)
    const [, area, system, ...path] = url.pathname.split('/')
    if (area === 'status') return send(200, { systems: [{ name: 'aif', servicesHealth: [] }] })
    if (system !== 'aif') throw new Told(404, 'System not found')
    const how = `${request.method} ${path.map((part) => (/^\d+$/.test(part) ? 'ID' : part)).join('/')}`
    const [status, value] =
      area === 'compute'
        ? await compute(how, path[1] ?? '', url, body, user, run)
        : await files(how, url, body, request.headers['content-type'] ?? '', run, options)
    send(status, value)
  } catch (error) {
    const { status, message } = error instanceof Told ? error : new Told(500, String(error))
    send(status, { errorType: 'error', message, causedBy: null, data: null, user: null })
  }
}

function token(authorization: string, { clients }: StandInOptions): object {
  const [id = '', secret] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':')
  const client = clients[id]
  if (client?.secret !== secret) throw new Told(401, 'invalid_client')
  return { access_token: `for-${client?.user}`, token_type: 'Bearer', expires_in: 300 }
}

type Run = (command: string, input?: Buffer | string) => Promise<Ran>
const quote = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`

async function compute(
  how: string,
  id: string,
  url: URL,
  body: Buffer,
  user: string,
  run: Run,
): Promise<[number, object?]> {
  switch (how) {
    case 'POST jobs': {
      const { job } = JSON.parse(body.toString())
      const variables = Object.entries<string>(job.env).map(([name, value]) => `${name}=${value}`)
      const flags = [
        `--export=${quote(`ALL,${variables.join(',')}`)}`,
        `--chdir=${quote(job.workingDirectory)}`,
        `--partition=${quote(job.partition)}`,
        `--job-name=${quote(job.name)}`,
        ...(job.standardOutput ? [`--output=${quote(job.standardOutput)}`] : []),
      ]
      const { exit, out, err } = await run(`sbatch ${flags.join(' ')}`, job.script)
      if (exit !== 0) throw slurmSaid(exit, err)
      return [201, { jobId: /Submitted batch job (\d+)/.exec(out.toString())?.[1] ?? null }]
    }
    case 'GET jobs':
    case 'GET jobs/ID': {
      const some =
        id === ''
          ? `--starttime=now-7days --name=${quote(url.searchParams.get('name') ?? '')}`
          : `--jobs=${id}`
      const jobs = await tellJobs(
        run,
        user,
        id === '' && !url.searchParams.has('name') ? '--starttime=now-7days' : some,
      )
      if (id !== '' && jobs.length === 0) throw new Told(404, 'Job not found.')
      return [200, { jobs }]
    }
    case 'GET jobs/ID/metadata': {
      const { exit, out, err } = await run(`scontrol write batch_script ${id} -`)
      if (exit !== 0) throw slurmSaid(exit, err)
      return [200, { jobs: [{ jobId: id, script: out.toString() }] }]
    }
    case 'DELETE jobs/ID': {
      const { exit, err } = await run(`scancel --verbose ${id}`)
      if (exit !== 0 || /.+error:/.test(err)) throw slurmSaid(exit, err)
      return [204]
    }
    default:
      throw new Told(404, 'Not Found')
  }
}

const slurmSaid = (exit: number, err: string) =>
  new Told(500, `Unexpected Slurm command response. exit_status:${exit} std_err:${err}`)

async function tellJobs(run: Run, user: string, which: string): Promise<object[]> {
  const format =
    'JobID,AllocNodes,Cluster,ExitCode,Group,Account,JobName,NodeList,Partition,Priority,State,Reason,ElapsedRaw,Submit,Start,End,Suspended,TimelimitRaw,User,WorkDir'
  const queued =
    'JobID:|,NumNodes:|,Cluster:||,GroupName:|,Account:|,Name:|,NodeList:|,Partition:|,PriorityLong:|,State:|,Reason:|,TimeUsed:|,SubmitTime:|,StartTime:|,EndTime:||,TimeLimit:|,UserName:|,WorkDir:'
  const forQueue = which.replace('--starttime=now-7days', '')
  const rows = await Promise.all([
    run(`SLURM_TIME_FORMAT=%s sacct ${which} --parsable2 --noheader --format=${quote(format)}`),
    run(`SLURM_TIME_FORMAT=%s squeue --user=${user} ${forQueue} --noheader --Format=${quote(queued)}`),
  ])
  const jobs = new Map<string, { tasks: object[]; status: { state: string }; [fact: string]: unknown }>()
  for (const { out } of rows) {
    for (const line of out.toString().split('\n')) {
      const at = line.split('|')
      const [number = ''] = at
      if (at.length !== 20) continue
      const count = (text: string | undefined) => (/^\d+$/.test(text ?? '') ? Number(text) : null)
      const [exitCode, interruptSignal] = (at[3] ?? '').split(':').map(count)
      const status = {
        state: at[10] ?? '',
        stateReason: at[11],
        exitCode: exitCode ?? null,
        interruptSignal: interruptSignal ?? null,
      }
      const time = {
        elapsed: count(at[12]),
        start: count(at[14]),
        end: count(at[15]),
        suspended: 0,
        limit: null,
      }
      const [job = '', step] = number.split('.')
      if (step !== undefined) jobs.get(job)?.tasks.push({ id: number, name: at[6], status, time })
      else if (!jobs.has(job) || status.state === 'PENDING') {
        const facts = { name: at[6], user: at[18], partition: at[8], nodes: at[7], account: at[5] }
        jobs.set(job, { jobId: job, ...facts, time, status, tasks: [] })
      }
    }
  }
  return [...jobs.values()]
}

async function files(
  how: string,
  url: URL,
  body: Buffer,
  contentType: string,
  run: Run,
  { fileSystem }: StandInOptions,
): Promise<[number, (object | Buffer)?]> {
  const json = contentType === 'application/json' ? JSON.parse(body.toString()) : {}
  const path: string = url.searchParams.get('path') ?? json.path ?? ''
  if (!path.startsWith(`${fileSystem}/`))
    throw new Told(400, 'does not match any of the defined filesystem paths')
  const at = quote(path)
  const does = async (command: string, input?: string): Promise<Buffer> => {
    const { exit, out, err } = await run(command, input)
    if (exit === 0) return out
    if (err.includes('No such file')) throw new Told(404, err)
    throw new Told(/Permission denied|not permitted/.test(err) ? 403 : 500, err)
  }
  switch (how) {
    case 'GET ops/stat': {
      const [mode = '', , , nlink, , , size] = (await does(`stat -c '%f %i %d %h %u %g %s' -- ${at}`))
        .toString()
        .split(' ')
      return [200, { output: { mode: Number.parseInt(mode, 16), nlink: Number(nlink), size: Number(size) } }]
    }
    case 'POST ops/mkdir':
      await does(`mkdir ${json.parent ? '-p' : ''} -- ${at}`)
      return [201, { output: null }]
    case 'PUT ops/chmod':
      await does(`chmod -v ${quote(json.mode)} -- ${at}`)
      return [200, { output: null }]
    case 'DELETE ops/rm':
      await does(`rm -r --interactive=never -- ${at}`)
      return [204]
    case 'GET ops/tail':
      return [
        200,
        {
          output: {
            content: (await does(`tail --bytes=${url.searchParams.get('bytes')} -- ${at}`)).toString(),
          },
        },
      ]
    case 'GET ops/download':
      return [200, Buffer.from((await does(`base64 --wrap=0 -- ${at}`)).toString(), 'base64')]
    case 'POST ops/upload': {
      const form = await new Response(new Uint8Array(body), {
        headers: { 'content-type': contentType },
      }).formData()
      const file = form.get('file')
      if (!(file instanceof File)) throw new Told(400, 'field required')
      const text = Buffer.from(await file.arrayBuffer()).toString('base64')
      // It passes on nothing and waits for the command to end.
      if (text === '') throw new Told(408, 'Command execution timeout limit exceeded.')
      await does(`base64 -d > ${quote(join(path, file.name))}`, text)
      return [204]
    }
    default:
      throw new Told(404, 'Not Found')
  }
}

function runAs(user: string, command: string, slurmConf: string, input: Buffer | string = ''): Promise<Ran> {
  const child = spawn(
    'setpriv',
    [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', 'bash', '-c', command],
    { cwd: '/', env: { PATH: '/usr/bin:/bin', SLURM_CONF: slurmConf }, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => out.push(part))
  child.stderr.on('data', (part: Buffer) => err.push(part))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) =>
      resolve({ exit: exit ?? 1, out: Buffer.concat(out), err: Buffer.concat(err).toString() }),
    )
  })
}
