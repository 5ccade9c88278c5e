/** An input object without the members that were not given: GraphQL writes null where core knows absent. */
export function given(input: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  )
}

/** The members of an input with those of the objects inside it that were given. */
export function givenDeep(input: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given(input)).map(([name, value]) => [
      name,
      typeof value === 'object' && !Array.isArray(value) ? given(value as object) : value,
    ]),
  )
}
