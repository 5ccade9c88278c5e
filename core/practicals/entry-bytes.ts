/** What an entry takes on a disk however empty it is, so that a million of them is no way round a limit of output. */
export const entryBytes = { folder: 4096, other: 256 } as const
