import { type JobRequest, QueueError } from './queue.ts'
import type { SitePartition } from './site.ts'

/** What a job asks for and a partition does not have. */
export type Misfit = 'minutes' | 'cpus' | 'memoryGiB' | 'gpus' | 'gpuTypes' | 'arch' | 'box'

type Asked = Pick<JobRequest, 'resources' | 'isolation'>

/** The first thing a partition cannot give to a job; `undefined` when the job fits. */
export function misfitOf(partition: SitePartition, { resources, isolation }: Asked): Misfit | undefined {
  const { gpus, gpuTypes, cpus, memoryGiB, minutes, arch } = resources
  const unlimited = Number.POSITIVE_INFINITY
  if (minutes > partition.maxMinutes) return 'minutes'
  if (cpus > (partition.cpus ?? unlimited)) return 'cpus'
  if (memoryGiB > (partition.memoryGiB ?? unlimited)) return 'memoryGiB'
  if (gpus > (partition.gpus?.count ?? 0)) return 'gpus'
  if (gpus > 0 && gpuTypes && partition.gpus && !gpuTypes.includes(partition.gpus.type)) return 'gpuTypes'
  if (!arch.includes(partition.arch)) return 'arch'
  if (isolation === 'box' && !partition.box) return 'box'
  return undefined
}

/**
 * What every adapter applies before it sends anything: a scheduler may accept what it can never run, and let it
 * wait for ever. Throws `QueueError` `rejected`.
 */
export function refuseMisfit(partition: SitePartition, asked: Asked): void {
  const misfit = misfitOf(partition, asked)
  if (misfit) throw new QueueError('rejected', refusals[misfit])
}

const refusals: Readonly<Record<Misfit, string>> = {
  minutes: 'resources.minutes: more than the partition allows',
  cpus: 'resources.cpus: more than the partition allows',
  memoryGiB: 'resources.memoryGiB: more than the partition allows',
  gpus: 'resources.gpus: more than the partition allows',
  gpuTypes: 'resources.gpuTypes: the partition has none of them',
  arch: 'resources.arch: is not that of the partition',
  box: 'isolation: the partition has no box for learners’ programs',
}
