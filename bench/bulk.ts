import { setTimeout } from 'node:timers/promises'
import type { Actor } from '#core/access/operations.ts'
import { orderBulkIssue } from '#core/bulk/order-bulk-job.ts'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { uploadRows } from '#core/bulk/upload-rows.ts'
import type { Ports } from '#core/ports.ts'
import { benchAcademy } from './academy.ts'
import { collectGarbage } from './contest.ts'
import type { JudgedBar, Section } from './report.ts'

/** Looks at the memory so often while rows are issued. */
const looks = 10

interface Look {
  rows: number
  megabytes: number
  seconds: number
}

/**
 * A bulk job of so many rows for people nobody knows, each with learner, enrolment, result, award, offer and
 * events, in a file of records of its own. Memory must not grow with the rows.
 */
export async function bulkSection(rows: number, slack: number): Promise<Section> {
  const academy = await benchAcademy()
  const { ports, award } = academy
  try {
    const registrar: Actor = { subject: 'bench', tenant: award.tenant, roles: ['registrar'] }
    const jobId = await order(registrar, rows, ports)
    const started = performance.now()
    await step(ports, async () => (await ports.store.findBulkJob(jobId))?.state !== 'reading')
    const read = (performance.now() - started) / 1000
    const seen: Look[] = [await look(0, 0)]
    const began = performance.now()
    await step(ports, async () => {
      const job = await ports.store.findBulkJob(jobId)
      const done = job?.counts.done ?? 0
      if (done >= (seen.length * rows) / looks)
        seen.push(await look(done, (performance.now() - began) / 1000))
      return job?.state === 'done'
    })
    const job = await ports.store.findBulkJob(jobId)
    if (job?.counts.done !== rows) throw new Error('not every row was issued')
    return section(rows, read, seen, slack)
  } finally {
    await academy.close()
  }
}

async function order(registrar: Actor, rows: number, ports: Ports) {
  const request = { operation: 'bulk', requestId: 'bench-bulk-offering', inputHash: 'bulk' }
  const { tenant } = registrar
  const offering = await ports.store.saveOfferingOnce(
    { tenant, ...request },
    {
      id: ports.random.id(tenant, 'ofg'),
      tenant,
      moduleId: 'm-ai-for-everyone',
      startsOn: '2026-01-01',
      endsOn: '2035-12-31',
      language: 'en',
      seats: rows,
      allowsLocalEvidence: true,
    },
  )
  const lines = Array.from(
    { length: rows },
    (_, nth) => `s-${nth},Given${nth},Family${nth},s-${nth}@example.org,80`,
  )
  const bytes = Buffer.from(['account,given_name,family_name,email,score_percent', ...lines].join('\n'))
  const { upload } = await uploadRows(registrar, { kind: 'issue', name: 'bench.csv', bytes }, ports)
  const enrolAs = { targetGroup: 'professionals', sector: 'manufacturing' } as const
  const input = { requestId: 'bench-bulk-order', offeringId: offering.id, upload, enrolAs, dryRun: false }
  return (await orderBulkIssue(registrar, input, ports)).id
}

async function step(ports: Ports, isOver: () => Promise<boolean>): Promise<void> {
  while (!(await isOver())) await stepBulkJobs(ports, { name: 'bench', slices: 5 })
}

async function look(rows: number, seconds: number): Promise<Look> {
  // What was freed outside of the heap is counted off a moment later.
  collectGarbage()
  await setTimeout(10)
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return { rows, megabytes: (heapUsed + external) / 1e6, seconds }
}

function section(rows: number, read: number, seen: Look[], slack: number): Section {
  const [early, late] = [seen[2] as Look, seen.at(-1) as Look]
  const atLeast = 0.8
  const ratio = early.megabytes / late.megabytes
  const flat: JudgedBar = {
    figure: `memory after ${early.rows.toLocaleString('en')} awards`,
    anchor: `memory after ${late.rows.toLocaleString('en')} awards`,
    atLeast,
    ratio,
    met: ratio >= atLeast * (1 - slack),
  }
  const told = seen.map(
    ({ rows: done, megabytes }) => `${done.toLocaleString('en')}: ${megabytes.toFixed(0)} MB`,
  )
  return {
    title: `Bulk issue of ${rows.toLocaleString('en')} awards from a file (SQLite, WAL, synchronous=FULL)`,
    proved: ['every row became an award of its own learner, with enrolment, result, offer and events'],
    figures: [],
    bars: [flat],
    notes: [
      `read and checked: ${Math.round(rows / read).toLocaleString('en')} rows a second; issued: ${Math.round(rows / late.seconds).toLocaleString('en')} a second`,
      `heap and buffers after a collection, by awards: ${told.join(', ')}`,
    ],
  }
}
