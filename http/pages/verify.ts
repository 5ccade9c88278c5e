import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Verification } from '#core/verification/verification.ts'
import { type VerifyPorts, verifyCredential } from '#core/verification/verify-credential.ts'
import { preferredType } from '../content-negotiation.ts'
import { readForm } from '../read-form.ts'
import { field } from './components.ts'
import { verificationWords } from './i18n/verification.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { type SkillsToday, verdictTitle, verificationView } from './verification-view.ts'

/**
 * `/verify`: paste or upload a credential, read a plain verdict. Programs send the file itself as the body and
 * read JSON. Public, keeps nothing and changes nothing, so the form needs no token. A credential is never taken
 * from the address: it would end in histories and logs.
 */
export function verifyRoutes(ports: VerifyPorts & SkillsToday): Hono {
  const app = new Hono()

  app.get('/verify', (c) => sendPage(c, (language) => formPage(language), { cache: 'public' }))

  app.post('/verify', async (c) => {
    const fromForm = /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(
      c.req.header('content-type') ?? '',
    )
    const given = fromForm ? await readCredentialField(c) : new Uint8Array(await c.req.arrayBuffer())
    const wantsPage = preferredType(c.req.header('accept'), ['text/html', 'application/json']) === 'text/html'
    if (fromForm && wantsPage) {
      if (given === undefined) return sendPage(c, (language) => formPage(language, true), { status: 400 })
      const verification = await verifyCredential(given, {}, ports)
      return sendPage(c, (language) => verdictPage(verification, language, ports))
    }
    const verification = await verifyCredential(given ?? '', {}, ports)
    return c.body(JSON.stringify(verification), 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    })
  })
  return app
}

/** The pasted text, else the bytes of the uploaded file; `undefined` when both are empty. */
async function readCredentialField(c: Context): Promise<string | Uint8Array | undefined> {
  const { credential, file } = await readForm(c)
  if (typeof credential === 'string' && credential.trim() !== '') return credential
  if (file instanceof File && file.size > 0) return new Uint8Array(await file.arrayBuffer())
  return undefined
}
function formPage(language: Language, missing = false): { title: string; description: string; body: Html } {
  const words = verificationWords[language]
  return {
    title: words.title,
    description: words.lead,
    body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${verifyForm(language, missing)}
<p class="soft">${words.shared}</p>
<h2>${words.about}</h2>
<p>${words.aboutText}</p>`,
  }
}

function verifyForm(language: Language, missing: boolean): Html {
  const words = verificationWords[language]
  return html`<form method="post" action="/verify" enctype="multipart/form-data">
${field({
  name: 'credential',
  label: words.paste,
  hint: words.pasteHint,
  error: missing ? words.missing : undefined,
  control: (attributes) =>
    html`<textarea ${attributes} rows="8" spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>`,
})}
${field({
  name: 'file',
  label: words.file,
  hint: words.fileHint,
  control: (attributes) =>
    html`<input ${attributes} type="file" accept=".txt,.jwt,.sd-jwt,.json,.jsonld,.png,.svg,.pdf,text/plain,application/*,image/png,image/svg+xml">`,
})}
<p class="actions"><button>${words.submit}</button></p>
</form>`
}

function verdictPage(
  verification: Verification,
  language: Language,
  today: SkillsToday,
): { title: string; body: Html } {
  const words = verificationWords[language]
  return {
    title: verdictTitle(verification, language),
    body: html`${verificationView(verification, language, { today })}
<p class="actions no-print"><a class="button quiet" href="/verify">${words.again}</a></p>`,
  }
}
