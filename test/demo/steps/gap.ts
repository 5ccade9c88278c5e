import type { Ask } from '#test/support/graphql.ts'
import { mutate, requestId } from '../answers.ts'

export interface PublishedGap {
  snapshot: { id: string; publishedAt: string; ontologyVersion: string; threshold: number }
  gapPersonLevels: number | null
  coveragePercent: number | null
  heads: number
  nextModule: { slug: string; title: string } | null
  rows: {
    slug: string
    gapPersonLevels: number | null
    supplyPersonLevels: number | null
    suppressed: boolean
  }[]
}

/** Publishes a snapshot as programme manager; answers its id. */
export async function publishSnapshot(manager: Ask): Promise<string> {
  const { id } = await mutate<{ id: string }>(
    manager,
    'publishSnapshot',
    'PublishSnapshotInput',
    { requestId: requestId() },
    'Snapshot',
    'id',
  )
  return id
}

/** The published gap of one role in one sector. */
export async function askGap(manager: Ask, slice: { sector: string; role: string }): Promise<PublishedGap> {
  const { skillsGap } = await manager<{ skillsGap: PublishedGap | null }>(
    `query ($sector: String, $role: String) {
      skillsGap(sector: $sector, role: $role) {
        snapshot { id publishedAt ontologyVersion threshold }
        gapPersonLevels coveragePercent heads
        nextModule { slug title }
        rows { slug gapPersonLevels supplyPersonLevels suppressed }
      }
    }`,
    slice,
  )
  if (!skillsGap) throw new Error('no snapshot is published')
  return skillsGap
}
