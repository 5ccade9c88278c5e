import { html, raw } from 'hono/html'
import type { LearnerId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import type { Practical } from '#core/practicals/practical.ts'
import { taskSeed } from '#core/practicals/run-secrets.ts'
import type { Json } from '#core/records.ts'
import { field } from './components.ts'
import { practicalWords } from './i18n/practical.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

/** No practical takes a longer text; nothing of it is shown again. */
const longestText = 100_000

/** The one field in which a configuration is handed in: a script as it is, anything else as JSON. */
export function configurationField(
  { input }: Practical,
  { text, error, rows }: { text: string; error: string | undefined; rows?: number },
  language: Language,
): Html {
  const words = practicalWords[language]
  const script = input.kind === 'script'
  return field({
    name: 'configuration',
    label: script ? words.script : words.configuration,
    hint: script ? words.scriptHint : words.configurationHint,
    error: error === 'not-json' ? words.notJson : error,
    control: (attributes) =>
      html`<textarea ${attributes} rows="${rows ?? (script ? 18 : 9)}"${script ? raw(' wrap="off"') : ''} cols="${script ? 72 : 40}" spellcheck="false" autocapitalize="off" autocomplete="off" maxlength="20000" required>${text}</textarea>`,
  })
}

/** What the field holds: the configuration, or why it is none. Lines of a form end as on Windows; scripts' do not. */
export function readConfiguration(
  { input }: Practical,
  sent: unknown,
): { text: string; configuration: unknown } | { text: string; error: 'not-json' } {
  const handedIn = typeof sent === 'string' ? sent.replaceAll('\r\n', '\n') : ''
  const text = handedIn.length <= longestText ? handedIn : ''
  if (input.kind === 'script') return { text, configuration: { [input.member]: handedIn } }
  try {
    return { text, configuration: JSON.parse(handedIn) as unknown }
  } catch {
    return { text, error: 'not-json' }
  }
}

/** Where a learner begins: with what they handed in last, else with the task that is theirs. */
export async function firstText(
  practical: Practical,
  learnerId: LearnerId | undefined,
  anew: boolean,
  { store, signers }: Pick<Ports, 'store' | 'signers'>,
): Promise<{ text: string; continued: boolean }> {
  const attempts = learnerId && !anew ? await store.attemptsOf(learnerId) : []
  const last = attempts.find(({ practical: { id } }) => id === practical.id)
  const example = () => practical.exampleFor(taskSeed(signers, learnerId ?? 'nobody', practical.id))
  return {
    text: configurationText(practical, last?.configuration ?? example()),
    continued: last !== undefined,
  }
}

/** A configuration as its field shows it. */
export function configurationText(
  practical: Pick<Practical, 'input'> | undefined,
  configuration: Json,
): string {
  const { input } = practical ?? { input: { kind: 'json' as const } }
  if (input.kind === 'script' && typeof configuration === 'object' && configuration !== null) {
    const text = (configuration as Record<string, unknown>)[input.member]
    if (typeof text === 'string') return text
  }
  return JSON.stringify(configuration, undefined, 2)
}
