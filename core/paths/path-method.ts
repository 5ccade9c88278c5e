/** How a path is found: searched to the end, or found at once. */
export const pathMethods = ['exact', 'greedy'] as const
export type PathMethod = (typeof pathMethods)[number]
