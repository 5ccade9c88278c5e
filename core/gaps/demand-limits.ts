/** What a file of demand may be at most. */
export const demandLimits = {
  bytes: 2 * 1024 * 1024,
  rows: 50_000,
  heads: 10_000_000,
  problems: 200,
} as const
