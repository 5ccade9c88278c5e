import { readFileSync } from 'node:fs'
import { Ajv2019 } from 'ajv/dist/2019.js'
import addFormats from 'ajv-formats'
import jsonld from 'jsonld'
import { expect, test } from 'vitest'
import { makeEdition } from '#core/editions/make-edition.ts'
import { parseJws } from '#core/jose/jws.ts'
import { credentialText } from '#core/verification/credential-text.ts'
import { world } from '#test/support/world.ts'
import { referencePath } from './reference-data.ts'

// Its types describe another version than its code.
const expand = jsonld.expand as unknown as (document: object, options: object) => Promise<unknown[]>

const read = (...parts: string[]) => readFileSync(referencePath('vectors', 'open-badges', ...parts))
const readJson = (...parts: string[]) => JSON.parse(read(...parts).toString()) as Record<string, unknown>

/** The schema 1EdTech publishes for an AchievementCredential. */
function officialSchema() {
  const ajv = new Ajv2019({ strict: false, allErrors: true })
  ;(addFormats as unknown as (ajv: Ajv2019) => void)(ajv)
  return ajv.compile(readJson('schemas', 'ob_v3p0_achievementcredential_schema.json'))
}
const validate = officialSchema()

test('the schema judges: it takes the complete sample of the validator and refuses broken ones', () => {
  expect(validate(readJson('validator-cases', 'complete.json'))).toBe(true)
  for (const name of [
    'simple-err-type.json',
    'simple-err-credential-subject-type.json',
    'simple-err-issuer-type.json',
  ])
    expect(validate(readJson('validator-cases', name)), name).toBe(false)
})

test('every module’s badge is valid against the schema, and every member means something in JSON-LD', async () => {
  const w = await world()
  const contexts = new Map<string, object>([
    [
      'https://www.w3.org/ns/credentials/v2',
      JSON.parse(readFileSync(referencePath('edc', 'contexts', 'credentials-v2.jsonld'), 'utf8')),
    ],
    [
      'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
      readJson('contexts', 'context-3.0.3.json'),
    ],
  ])
  const documentLoader = async (url: string) => {
    const document = contexts.get(url)
    if (!document) throw new Error(`context ${url} is not at hand`)
    return { contextUrl: undefined, documentUrl: url, document } as never
  }
  let judged = 0
  for (const module of w.ontology.modules.values()) {
    const { award } = await w.award({ offering: await w.offering({ moduleId: module.id }), scorePercent: 95 })
    for (const edition of ['vc+jwt', 'ob3'] as const) {
      const { bytes } = await makeEdition(w.actor('registrar'), { awardId: award.id, edition }, w)
      const { payload } = parseJws(Buffer.from(bytes).toString())
      expect(validate(payload), `${module.id} ${edition}: ${JSON.stringify(validate.errors)}`).toBe(true)
      // The registered claims of the token are not members of the credential.
      const { iss: _i, jti: _j, sub: _s, nbf: _n, exp: _e, ...credential } = payload
      const expanded = await expand(credential, { documentLoader, safe: true })
      expect(expanded, module.id).toHaveLength(1)
      judged++
    }
  }
  console.log(
    `Open Badges 3.0: ${judged} credentials valid against the official schema, expanded in safe mode`,
  )
  expect(judged).toBeGreaterThanOrEqual(2 * w.ontology.modules.size)
})

test.each(['simple-jwt.png', 'simple-jwt.svg'])(
  'the token baked into %s of the validator is found',
  (name) => {
    const token = credentialText(new Uint8Array(read('validator-cases', name)))
    const [, payload = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      issuer: { type: ['Profile'] },
    })
  },
)
