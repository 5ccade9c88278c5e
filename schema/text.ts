import { inLanguage, type Text } from '#core/text.ts'
import { builder } from './builder.ts'

/** The argument of every field that answers words. */
export const languageArg = builder.args((t) => ({
  language: t.string({
    required: true,
    defaultValue: 'en',
    description: 'BCP 47 tag; falls back to English.',
  }),
}))

/** The words of a text in the asked language. Parts may lack languages; English is tried last. */
export function words(text: Text | Partial<Text>, { language }: { language: string }): string {
  return inLanguage({ en: '', fr: '', ...text }, language.slice(0, 35)).value
}
