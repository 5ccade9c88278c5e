import { arch } from 'node:os'
import { unlimited } from '#core/practicals/allowance.ts'
import type { JobFiles, Queue } from '#core/practicals/queue.ts'
import type { Site, SiteProfile } from '#core/practicals/site.ts'
import { localBox } from './box.ts'
import { hardware } from './run-job.ts'

/** This machine as a site: one partition, which is all of it. */
export function localSite(queue: Queue & { files: JobFiles }): Site {
  return {
    profile: localProfile(),
    queue,
    files: queue.files,
    allowance: unlimited,
    health: () => queue.health(),
  }
}

function localProfile(): SiteProfile {
  const { cpu } = hardware(true)
  const box = localBox()
  return {
    name: 'local',
    aiFactory: 'none',
    environment: 'local',
    adapter: 'local',
    partitions: [
      {
        name: 'local',
        // Processors and memory are what the machine has: a practical runs on a small one too, only slower.
        maxMinutes: 60,
        arch: arch() === 'arm64' ? 'aarch64' : 'x86_64',
        ...(box ? { box } : {}),
        machine: { cpu, limits: 'watched' },
        costPerHour: 0,
      },
    ],
    separateAccounts: false,
    accountModel: 'service',
    // Whoever runs this machine decides what is on it; it is nobody's AI Factory.
    dataPolicy: { country: 'ZZ', accepts: 'personal' },
    calendar: [],
    killSwitch: false,
    maxPendingMinutes: 1440,
    firstPollSeconds: 0.5,
  }
}
