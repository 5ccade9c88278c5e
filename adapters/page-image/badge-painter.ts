import type { Node } from '@takumi-rs/core'
import type { BadgeContent, BadgePainter } from '#core/badges/badge.ts'
import { family, rendererFor } from './noto-sans.ts'

/** Square; large enough for a profile page and for print. */
const size = 640

/** Draws badges with takumi and Noto Sans; the SVG holds its letters as outlines, so it needs no font either. */
export function badgePainter(): BadgePainter {
  return {
    async png(badge) {
      const painter = await rendererFor([badge.title, badge.institution])
      const options = { width: size, height: size, format: 'png', lang: badge.language } as const
      return new Uint8Array(await painter.render(disc(badge), options))
    },
    async svg(badge) {
      const painter = await rendererFor([badge.title, badge.institution])
      return painter.renderSvg(disc(badge), { width: size, height: size, lang: badge.language })
    },
  }
}

function disc(badge: BadgeContent): Node {
  const { hue } = badge
  return box(
    { width: size, height: size, alignItems: 'center', justifyContent: 'center' },
    box(
      {
        width: 624,
        height: 624,
        borderRadius: 312,
        alignItems: 'center',
        justifyContent: 'center',
        backgroundImage: `linear-gradient(145deg, hsl(${hue}, 62%, 42%), hsl(${hue}, 70%, 16%))`,
      },
      box(
        {
          width: 572,
          height: 572,
          borderRadius: 286,
          border: '5px solid #f2c744',
          backgroundImage: `linear-gradient(200deg, hsl(${hue}, 66%, 24%), hsl(${hue}, 64%, 34%))`,
          alignItems: 'center',
          justifyContent: 'space-between',
          padding: '46px 0 40px 0',
          color: '#ffffff',
          fontFamily: family,
        },
        box(
          { alignItems: 'center' },
          text('AI SKILLS ACADEMY', { fontSize: 19, letterSpacing: 4, color: '#f2c744', fontWeight: 700 }),
          pips(badge.level),
        ),
        box(
          { alignItems: 'center', width: 500 },
          text(badge.title, {
            fontSize: titleSize(badge.title),
            fontWeight: 700,
            lineHeight: 1.12,
            textAlign: 'center',
            width: 480,
          }),
          box({ width: 120, height: 4, backgroundColor: '#f2c744', marginTop: 18, marginBottom: 16 }),
          text(badge.levelName, { fontSize: 21, textAlign: 'center' }),
          text(badge.facts, { fontSize: 21, marginTop: 4, textAlign: 'center' }),
        ),
        box(
          { alignItems: 'center', width: 360 },
          text(badge.institution, { fontSize: 20, fontWeight: 700, textAlign: 'center', width: 360 }),
          ...(badge.awarded ? [text(badge.awarded, { fontSize: 18, marginTop: 3 })] : []),
          text(badge.assurance, {
            fontSize: 13,
            marginTop: 6,
            color: '#ffffffcc',
            textAlign: 'center',
            width: 240,
          }),
        ),
      ),
    ),
  )
}

/** Long titles are set smaller, so that they stay inside the ring. */
function titleSize(title: string): number {
  if (title.length <= 24) return 52
  if (title.length <= 48) return 42
  return title.length <= 90 ? 33 : 26
}

/** One dot for each of the four steps, filled up to the one that was reached. */
function pips(level: number): Node {
  const dot = (filled: boolean) =>
    box({
      width: 16,
      height: 16,
      borderRadius: 8,
      border: '2px solid #f2c744',
      backgroundColor: filled ? '#f2c744' : 'transparent',
      marginLeft: 5,
      marginRight: 5,
    })
  return box({ flexDirection: 'row', marginTop: 12 }, ...[1, 2, 3, 4].map((step) => dot(step <= level)))
}

function text(value: string, style: object): Node {
  return { type: 'text', text: value, style }
}

function box(style: object, ...children: Node[]): Node {
  return { type: 'container', style: { display: 'flex', flexDirection: 'column', ...style }, children }
}
