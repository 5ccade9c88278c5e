import type { SnapshotId } from '#core/ids.ts'
import type { Request } from '#core/store.ts'
import type { PrivateCounts } from './admit-counts.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'

/** Published snapshots, and apart from them the counts only the next snapshot job may read. */
export interface SnapshotStore {
  /** The named snapshot, or the last one published. */
  findSnapshot(id?: SnapshotId): Promise<Snapshot | undefined>
  /** Newest first, without their numbers. */
  listSnapshots(limit: number): Promise<SnapshotHeader[]>
  /** The snapshot this very request was answered with. */
  findAnsweredSnapshot(request: Request): Promise<Snapshot | undefined>
  /** Counts kept by the last snapshot; read by nothing but the snapshot job. */
  findPrivateCounts(): Promise<{ counts?: PrivateCounts; keptBy: SnapshotId } | undefined>
  /**
   * One transaction: the snapshot, its private counts, the pointer to the last one, idempotency.
   * `state_conflict` when another snapshot was published after `snapshot.previous`.
   */
  saveSnapshotOnce(request: Request, snapshot: Snapshot, counts: PrivateCounts): Promise<Snapshot>
}
