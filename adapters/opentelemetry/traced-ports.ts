import type { KeyVault } from '#core/keys/key-vault.ts'
import type { Signer } from '#core/ports.ts'
import type { Queue } from '#core/practicals/queue.ts'
import type { Site, Sites } from '#core/practicals/site.ts'
import type { Records } from '#core/records.ts'
import type { Notes, Step, Trace } from '#core/trace.ts'

/** A call to an engine is a step of what asked for it; by itself it tells nobody anything. */
function called<T>(trace: Trace, name: string, notes: Notes, call: () => Promise<T>): Promise<T> {
  if (trace.current() === undefined) return call()
  const step: Step = { name, kind: 'client', notes }
  return trace.step(step, call)
}

/** Records whose calls are steps. Their keys are not noted: learners stand in them. */
export function tracedRecords<R extends Records>(records: R, system: string, trace: Trace): R {
  const notes = (operation: string, count?: number): Notes => ({
    'db.system.name': system,
    'db.operation.name': operation,
    ...(count === undefined ? {} : { 'academy.count': count }),
  })
  return {
    ...records,
    get: (key) => called(trace, 'records get', notes('get'), () => records.get(key)),
    query: (query) => called(trace, 'records query', notes('query'), () => records.query(query)),
    transact: (writes) =>
      called(trace, 'records transact', notes('transact', writes.length), () => records.transact(writes)),
  }
}

/** A vault whose keys sign in a step. */
export function tracedVault(vault: KeyVault, trace: Trace): KeyVault {
  const traced = (tenant: string, signer: Signer): Signer => ({
    ...signer,
    sign: (bytes) =>
      called(trace, 'signer sign', { 'academy.institution': tenant, 'academy.kid': signer.kid }, () =>
        signer.sign(bytes),
      ),
  })
  return { ...vault, signer: async (tenant, key) => traced(tenant, await vault.signer(tenant, key)) }
}

/** Sites whose queues are asked in steps. */
export function tracedSites(sites: Sites, trace: Trace): Sites {
  const known = new WeakMap<Site, Site>()
  return {
    list: () => sites.list(),
    find(name) {
      const site = sites.find(name)
      if (!site) return undefined
      const traced = known.get(site) ?? { ...site, queue: tracedQueue(site.queue, name, trace) }
      known.set(site, traced)
      return traced
    },
  }
}

function tracedQueue(queue: Queue, site: string, trace: Trace): Queue {
  const at = { 'academy.site': site }
  return {
    requestsPer: queue.requestsPer,
    submit: (job) =>
      called(trace, 'queue submit', { ...at, 'academy.stage': job.stage }, () => queue.submit(job)),
    get: (jobId) => called(trace, 'queue get', at, () => queue.get(jobId)),
    list: (jobIds) =>
      called(trace, 'queue list', { ...at, 'academy.count': jobIds.length }, () => queue.list(jobIds)),
    findByKey: (key, since) => called(trace, 'queue findByKey', at, () => queue.findByKey(key, since)),
    cancel: (jobId) => called(trace, 'queue cancel', at, () => queue.cancel(jobId)),
    health: () => called(trace, 'queue health', at, () => queue.health()),
  }
}
