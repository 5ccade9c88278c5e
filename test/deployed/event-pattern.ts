/**
 * Whether a record passes a filter of an event source, for the few comparisons the templates use: a value out
 * of a list, a prefix, a suffix, whether it is there. Any other is an error.
 */
export function matchesPattern(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((one) => matchesOne(one, value))
  if (typeof pattern !== 'object' || pattern === null) throw new Error('a filter is not understood')
  return Object.entries(pattern).every(([name, inner]) =>
    matchesPattern(inner, (value as Record<string, unknown> | null | undefined)?.[name]),
  )
}

function matchesOne(one: unknown, value: unknown): boolean {
  if (typeof one !== 'object' || one === null) return one === value
  const [[name, argument] = [], ...more] = Object.entries(one)
  if (more.length === 0 && name === 'exists') return (value !== undefined) === argument
  if (more.length === 0 && typeof argument === 'string') {
    if (name === 'suffix') return typeof value === 'string' && value.endsWith(argument)
    if (name === 'prefix') return typeof value === 'string' && value.startsWith(argument)
  }
  throw new Error(`a filter is not understood: ${name}`)
}
