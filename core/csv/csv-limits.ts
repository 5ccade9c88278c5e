/** What a file of rows may hold. */
export const csvLimits = { columns: 50, cellCharacters: 1000 } as const
