import type { Edge } from '@dagrejs/dagre'
import { html } from 'hono/html'
import type { Level, Ontology, Skill } from '#core/skills/ontology.ts'
import { prerequisiteClosure } from '#core/skills/prerequisites.ts'
import type { Html } from './layout.ts'
import { words } from './ontology-words.ts'
import { bestLabel, type Reader } from './reader.ts'

/** Sizes in units of the drawing; a letter is taken as wide as a broad one of the page's font. */
const box = { width: 158, line: 17, padding: 8, letters: 17 }
const gap = { nodes: 14, ranks: 42, margin: 14 }

const page = 1000
const smallest = 0.8

interface Node {
  id: string
  lines: string[]
  language: string
  level: Level | undefined
  x: number
  y: number
  height: number
}

interface Drawing {
  width: number
  height: number
  nodes: Node[]
  /** Corners of each way from a skill to one that requires it. */
  ways: { x: number; y: number }[][]
}

const kept = new WeakMap<Ontology, Map<string, Drawing>>()
const mostKept = 400

/**
 * Everything a skill requires as a drawing, what comes first above: boxes that lead to their skills, with the level
 * needed, and arrows that a list beside it says in words. `undefined` for a skill that requires nothing.
 */
export async function skillGraph(
  skill: Skill,
  ontology: Ontology,
  reader: Reader,
): Promise<Html | undefined> {
  if (skill.requires.length === 0) return undefined
  const known = kept.get(ontology) ?? new Map<string, Drawing>()
  kept.set(ontology, known)
  const name = `${skill.id} ${reader.wanted.join()}`
  const drawing = known.get(name) ?? (await draw(skill, ontology, reader))
  if (known.size >= mostKept) known.clear()
  known.set(name, drawing)
  return svg(skill, drawing, ontology, reader)
}

async function draw(skill: Skill, ontology: Ontology, reader: Reader): Promise<Drawing> {
  // Loaded with the first drawing: most requests draw nothing.
  const { Graph, layout } = await import('@dagrejs/dagre')
  const levels = prerequisiteClosure(skill.requires, ontology.skills)
  const graph = new Graph()
  graph.setGraph({
    rankdir: 'TB',
    nodesep: gap.nodes,
    ranksep: gap.ranks,
    marginx: gap.margin,
    marginy: gap.margin,
  })
  const shown = new Map<string, Pick<Node, 'lines' | 'language' | 'level' | 'height'>>()
  for (const id of [skill.id, ...levels.keys()]) {
    const found = ontology.skills.get(id)
    const { value, language } = found
      ? bestLabel(found, reader.wanted, ontology)
      : { value: id, language: 'en' }
    const lines = wrapped(value)
    const level = id === skill.id ? undefined : levels.get(id)
    const height = (lines.length + (level === undefined ? 0 : 1)) * box.line + 2 * box.padding
    shown.set(id, { lines, language, level, height })
    graph.setNode(id, { width: box.width, height })
  }
  for (const id of shown.keys()) {
    for (const one of ontology.skills.get(id)?.requires ?? []) graph.setEdge(one.skill, id, {})
  }
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  const nodes = [...shown].map(([id, about]): Node => {
    const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number }
    return { id, ...about, x, y }
  })
  const ways = graph
    .edges()
    .map((edge: Edge) => (graph.edge(edge) as { points?: { x: number; y: number }[] }).points ?? [])
  return { width: Math.ceil(width), height: Math.ceil(height), nodes, ways }
}

function svg(
  skill: Skill,
  { width, height, nodes, ways }: Drawing,
  ontology: Ontology,
  reader: Reader,
): Html {
  const text = words[reader.language]
  const label = bestLabel(skill, reader.wanted, ontology).value
  // Wide ones are drawn smaller, as far as their words stay legible; then the box scrolls.
  const shown = width <= page ? 1 : Math.max(page / width, smallest)
  return html`<div class="scroll graph" role="region" aria-label="${text.graph(label)}" tabindex="0">
<svg viewBox="0 0 ${width} ${height}" width="${Math.round(width * shown)}" height="${Math.round(height * shown)}" role="group" aria-label="${text.graphHint}">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0.8L7 4L0 7.2z"/></marker></defs>
<g class="ways" aria-hidden="true">${ways.map((points) => html`<path d="${curve(points)}" marker-end="url(#arrow)"/>`)}</g>
${nodes.map((node) => nodeBox(node, node.id === skill.id, reader))}
</svg></div>`
}

function nodeBox({ id, lines, language, level, x, y, height }: Node, own: boolean, reader: Reader): Html {
  const left = round(x - box.width / 2)
  const top = round(y - height / 2)
  const first = round(y - height / 2 + box.padding + box.line * 0.75)
  const tspans = lines.map(
    (line, place) => html`<tspan x="${round(x)}" y="${round(first + place * box.line)}">${line}</tspan>`,
  )
  const levelLine =
    level === undefined
      ? ''
      : html`<text class="level" x="${round(x)}" y="${round(first + lines.length * box.line)}">${words[reader.language].level} ${level}</text>`
  const drawn = html`<rect x="${left}" y="${top}" width="${box.width}" height="${round(height)}" rx="8"/><text${language === reader.language ? '' : html` lang="${language}"`}>${tspans}</text>${levelLine}`
  // The skill itself is the page one is on.
  if (own) return html`<g class="own">${drawn}</g>`
  return html`<a href="${reader.skillsAt ?? '/skills'}/${id}">${drawn}</a>`
}

/** Through the middles of the stretches, so that corners are round. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [start, ...rest] = points
  const end = rest.pop()
  if (!start || !end) return ''
  const steps = rest.map((point, place) => {
    const next = rest[place + 1]
    const to = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : end
    return `Q${round(point.x)} ${round(point.y)} ${round(to.x)} ${round(to.y)}`
  })
  const last = rest.length === 0 ? `L${round(end.x)} ${round(end.y)}` : ''
  return `M${round(start.x)} ${round(start.y)}${steps.join('')}${last}`
}

const round = (value: number) => Math.round(value * 10) / 10

/** Broken at blanks into lines that fit a box; a longer word stands alone. */
function wrapped(label: string): string[] {
  const lines: string[] = []
  for (const word of label.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= box.letters)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
