/** An input object without the members that were not given: GraphQL writes null where core knows absent. */
export function given(input: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  )
}
