import type { CalendarEntry, SiteProfile } from './site.ts'

const concerns = ({ partitions }: CalendarEntry, partition: string) =>
  !partitions || partitions.includes(partition)

/** The closed time a job would run into, were it to start now; the earliest one. */
export function closedWithin(
  { calendar }: Pick<SiteProfile, 'calendar'>,
  partition: string,
  seconds: number,
  now: Date,
): Extract<CalendarEntry, { kind: 'closed' }> | undefined {
  const end = now.getTime() + seconds * 1000
  return calendar
    .filter((entry) => entry.kind === 'closed')
    .filter((entry) => concerns(entry, partition) && entry.from.getTime() < end && entry.to > now)
    .sort((a, b) => a.from.getTime() - b.from.getTime())[0]
}

/** The site's reservation a job can be sent into now: it must end within it. */
export function reservationAt(
  { calendar }: Pick<SiteProfile, 'calendar'>,
  partition: string,
  seconds: number,
  now: Date,
): string | undefined {
  const end = now.getTime() + seconds * 1000
  return calendar
    .filter((entry) => entry.kind === 'reserved')
    .find((entry) => concerns(entry, partition) && entry.from <= now && entry.to.getTime() >= end)
    ?.reservation
}
