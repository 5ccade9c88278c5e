import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { OpsCommand } from '../ops.ts'
import { askServer, serverHelp, serverOptions } from './ask-server.ts'

const help = [
  'npm run ops -- keys list     [--institution SLUG]',
  'npm run ops -- keys prepare  [--institution SLUG] [--location ADDRESS]',
  'npm run ops -- keys certify  [--institution SLUG] --kid KID --chain FILE.pem',
  'npm run ops -- keys activate [--institution SLUG] --kid KID',
  'npm run ops -- keys revoke   [--institution SLUG] --kid KID --reason compromised|lost|superseded|other [--note TEXT]',
  '',
  'A rotation: prepare, wait until the key may sign, activate. What the old key signed stays valid.',
  'A revocation: nothing the key signed verifies any more; holders collect again.',
  '',
  '  --institution  slug, or platform; the caller’s own when absent',
  '  --location     address of a key in KMS, where the deployment cannot make keys',
  '  --dry-run      only say what would happen',
  ...serverHelp,
]

interface Key {
  kid: string
  state: string
  location: string
  usableFrom: string | null
  keepUntil: string | null
  certificateEnds: string | null
  history: { state: string; at: string; by: string; reason: string | null }[]
}

interface Change {
  dryRun: boolean
  keys: Key[]
  credentialsLost: number | null
  verifiersMayLag: boolean | null
}

const keyFields = 'kid state location usableFrom keepUntil certificateEnds history { state at by reason }'

const mutations: Record<string, { name: string; input: string; needs: string[] }> = {
  prepare: { name: 'prepareSigningKey', input: 'PrepareSigningKeyInput', needs: [] },
  certify: { name: 'certifySigningKey', input: 'CertifySigningKeyInput', needs: ['kid', 'chain'] },
  activate: { name: 'activateSigningKey', input: 'ActivateSigningKeyInput', needs: ['kid'] },
  revoke: { name: 'revokeSigningKey', input: 'RevokeSigningKeyInput', needs: ['kid', 'reason'] },
}

/** `npm run ops -- keys`: the register of signing keys of a running server. */
export const keysCommand: OpsCommand = {
  summary: 'signing keys of an institution: list, prepare, certify, activate, revoke',

  async run(words) {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        ...serverOptions,
        institution: { type: 'string' },
        location: { type: 'string' },
        kid: { type: 'string' },
        chain: { type: 'string' },
        reason: { type: 'string' },
        note: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    })
    const [action = 'list', ...rest] = positionals
    if (values.help) return help
    const ask = askServer(values)
    if (action === 'list' && rest.length === 0) {
      const query = `query ($institution: String) { signingKeys(institution: $institution) { ${keyFields} } }`
      const keys = await ask<Key[]>('signingKeys', query, { institution: values.institution })
      return values.json ? [JSON.stringify(keys)] : keys.flatMap(describeKey)
    }
    const mutation = Object.hasOwn(mutations, action) && rest.length === 0 ? mutations[action] : undefined
    if (!mutation) throw new Error(help.join('\n'))
    const missing = mutation.needs.filter((name) => values[name as 'kid'] === undefined)
    if (missing.length > 0)
      throw new Error(`keys ${action} needs ${missing.map((name) => `--${name}`).join(', ')}`)
    const { institution, location, kid, chain, reason, note } = values
    const input = {
      requestId: randomUUID(),
      dryRun: values['dry-run'],
      institution,
      location,
      kid,
      reason,
      note,
      ...(chain === undefined ? {} : { chain: certificatesIn(chain) }),
    }
    const query = `mutation ($input: ${mutation.input}!) { ${mutation.name}(input: $input) { __typename ... on SigningKeyChange { dryRun credentialsLost verifiersMayLag keys { ${keyFields} } } ... on Refusal { code message } } }`
    const change = await ask<Change>(mutation.name, query, { input })
    return values.json ? [JSON.stringify(change)] : describeChange(action, change)
  },
}

/** Certificates of a PEM file, as base64 of their DER. */
function certificatesIn(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Error(`--chain: ${file} cannot be read`)
  }
  const pems = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)]
  if (pems.length === 0) throw new Error('--chain: the file holds no certificate in PEM')
  return pems.map(([, base64 = '']) => base64.replaceAll(/\s/g, ''))
}

function describeChange(
  action: string,
  { dryRun, keys, credentialsLost, verifiersMayLag }: Change,
): string[] {
  return [
    dryRun ? `Dry run: nothing was changed. ${action} would give:` : 'Done:',
    ...(keys.length === 0 ? ['  a fresh key'] : keys.flatMap(describeKey)),
    ...(credentialsLost === null ? [] : [`Credentials that no longer verify: ${credentialsLost}`]),
    ...(verifiersMayLag
      ? ['The key that takes over is new to verifiers: some may refuse it for a while.']
      : []),
  ]
}

function describeKey({
  kid,
  state,
  location,
  usableFrom,
  keepUntil,
  certificateEnds,
  history,
}: Key): string[] {
  const since = history.at(-1)
  const facts = [
    ...(since ? [`since ${since.at}${since.reason ? ` (${since.reason})` : ''}`] : []),
    ...(usableFrom ? [`may sign from ${usableFrom}`] : []),
    ...(keepUntil ? [`published until ${keepUntil}`] : []),
    ...(certificateEnds ? [`certificate ends ${certificateEnds}`] : []),
    `at ${location}`,
  ]
  return [`  ${state.padEnd(8)} ${kid}`, `           ${facts.join('; ')}`]
}
