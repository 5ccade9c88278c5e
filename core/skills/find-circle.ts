/**
 * A circle of skills that require each other, if there is one: its first skill stands at both ends. Depth first
 * with a stack of its own, for a chain may be longer than the engine's.
 */
export function findCircle(
  ids: Iterable<string>,
  requiresOf: (id: string) => readonly { skill: string }[],
): string[] | undefined {
  const done = new Set<string>()
  for (const start of ids) {
    const path: string[] = []
    const onPath = new Set<string>()
    const todo = [{ id: start, leave: false }]
    for (let next = todo.pop(); next; next = todo.pop()) {
      const { id, leave } = next
      if (leave) {
        path.pop()
        onPath.delete(id)
        done.add(id)
        continue
      }
      if (onPath.has(id)) return [...path.slice(path.indexOf(id)), id]
      if (done.has(id)) continue
      path.push(id)
      onPath.add(id)
      todo.push({ id, leave: true })
      for (const { skill } of requiresOf(id)) todo.push({ id: skill, leave: false })
    }
  }
  return undefined
}
