import type { Node } from '@takumi-rs/core'
import type { PagePainter } from '#core/edc/display.ts'
import type { PageBlock } from '#core/edc/page-content.ts'
import { family, lacks, rendererFor } from './noto-sans.ts'

/** A4 portrait at 150 dots per inch. */
const page = { width: 1240, height: 1754, margin: 84, footer: 32 }
const maxPages = 8

/**
 * Paints credential pages as PNG with Noto Sans and no font of the machine, so that a page looks the same
 * wherever it was made. Latin, Greek and Cyrillic are at hand, further scripts are read when a name needs them;
 * `lacks` tells what no font here has.
 */
export function pagePainter(): PagePainter {
  return {
    async paint({ language, blocks }) {
      const painter = await rendererFor(blocks.map(wordsOf))
      const nodes = blocks.map(nodeOf)
      const measured = await painter.measure(column(nodes), { width: page.width, lang: language })
      const groups = paginate(measured.children.map(({ height }, at) => height + spaceAbove(blocks[at])))
      const pages = []
      for (const [at, [from, to]] of groups.slice(0, maxPages).entries()) {
        const whole = sheet(nodes.slice(from, to), `${at + 1} / ${groups.length}`)
        const bytes = await painter.render(whole, { ...size, format: 'png', lang: language })
        pages.push({ type: 'PNG' as const, bytes: new Uint8Array(bytes) })
      }
      return { language, pages }
    },
    lacks,
  }
}

const size = { width: page.width, height: page.height }

/** Which blocks stand on which page: from (inclusive), to (exclusive). A block that fits no page stands alone. */
function paginate(heights: number[]): [from: number, to: number][] {
  const room = page.height - 2 * page.margin - page.footer
  const pages: [number, number][] = []
  let from = 0
  let used = 0
  for (const [at, height] of heights.entries()) {
    if (at > from && used + height > room) {
      pages.push([from, at])
      from = at
      used = 0
    }
    used += height
  }
  return [...pages, [from, heights.length]]
}

const styles = {
  overline: { fontSize: 26, color: '#1d4e89', letterSpacing: 2 },
  title: { fontSize: 50, fontWeight: 700, lineHeight: 1.2 },
  name: { fontSize: 42, fontWeight: 700, color: '#1d4e89' },
  heading: { fontSize: 27, fontWeight: 700 },
  text: { fontSize: 23, lineHeight: 1.4 },
  item: { fontSize: 23, lineHeight: 1.4 },
  small: { fontSize: 20, lineHeight: 1.4, color: '#444444' },
  fact: { fontSize: 23, lineHeight: 1.4 },
} as const satisfies Record<PageBlock['kind'], object>

const spaces: Readonly<Record<PageBlock['kind'], number>> = {
  overline: 0,
  title: 10,
  name: 0,
  heading: 26,
  text: 12,
  item: 6,
  small: 18,
  fact: 8,
}

function spaceAbove(block: PageBlock | undefined): number {
  return block ? spaces[block.kind] : 0
}

function wordsOf(block: PageBlock): string {
  return block.kind === 'fact' ? `${block.label} ${block.text}` : block.text
}

function nodeOf(block: PageBlock): Node {
  const style = { ...styles[block.kind], marginTop: spaces[block.kind] }
  if (block.kind === 'fact') {
    return row(
      style,
      text(block.label, { width: 300, flexShrink: 0, fontWeight: 700 }),
      text(block.text, { flex: 1 }),
    )
  }
  if (block.kind === 'item')
    return row(style, text('•', { width: 34, flexShrink: 0 }), text(block.text, { flex: 1 }))
  return text(block.text, style)
}

function text(value: string, style: object): Node {
  // A name without spaces may be longer than a line.
  return { type: 'text', text: value, style: { overflowWrap: 'anywhere', ...style } }
}

function row(style: object, ...children: Node[]): Node {
  return { type: 'container', style: { display: 'flex', flexDirection: 'row', ...style }, children }
}

function column(children: Node[]): Node {
  const width = page.width - 2 * page.margin
  return {
    type: 'container',
    style: { display: 'flex', flexDirection: 'column', width, fontFamily: family, color: '#111111' },
    children,
  }
}

function sheet(children: Node[], footer: string): Node {
  return {
    type: 'container',
    style: {
      display: 'flex',
      flexDirection: 'column',
      justifyContent: 'space-between',
      ...size,
      padding: page.margin,
      backgroundColor: '#ffffff',
      fontFamily: family,
    },
    children: [column(children), text(footer, { fontSize: 18, color: '#666666', textAlign: 'right' })],
  }
}
