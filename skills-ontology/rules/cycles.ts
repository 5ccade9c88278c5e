import type { Rule } from './rule.ts'

/** Rule 2: nothing needs itself in the end, and nothing is broader than itself. */
export const cycles: Rule = ({ skills }, report) => {
  const edges = {
    requires: (id: string) => skills.get(id)?.requires.map(({ skill }) => skill) ?? [],
    broader: (id: string) => skills.get(id)?.broader ?? [],
  }
  for (const kind of ['requires', 'broader'] as const) {
    for (const cycle of findCycles(skills.keys(), edges[kind])) {
      const [first = ''] = cycle
      report(
        skills.get(first)?.file ?? '',
        ['skills', first, kind],
        `forms a cycle: ${[...cycle, first].join(' → ')}`,
      )
    }
  }
}

/** Depth first without recursion; each cycle once, from the skill where it was entered. */
function findCycles(ids: Iterable<string>, next: (id: string) => string[]): string[][] {
  const done = new Set<string>()
  const cycles: string[][] = []
  for (const start of ids) {
    const path: string[] = []
    const todo: { id: string; leave: boolean }[] = [{ id: start, leave: false }]
    for (let step = todo.pop(); step; step = todo.pop()) {
      if (step.leave) {
        done.add(step.id)
        path.pop()
        continue
      }
      if (done.has(step.id)) continue
      const at = path.indexOf(step.id)
      if (at >= 0) {
        cycles.push(path.slice(at))
        continue
      }
      path.push(step.id)
      todo.push({ id: step.id, leave: true })
      for (const id of next(step.id)) todo.push({ id, leave: false })
    }
  }
  return cycles
}
