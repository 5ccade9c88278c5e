import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { httpTimeStamps } from '#adapters/tsa/http-time-stamp.ts'
import { pemCertificate } from '#core/jose/pem-certificate.ts'
import { Refusal } from '#core/refusal.ts'
import { parseTrustRegister } from '#core/verification/trust-register.ts'
import { packPracticals } from '#practicals/load-practicals.ts'
import { loadShipped } from '#skills-ontology/load.ts'
import { packShipped } from '#skills-ontology/packed.ts'
import { zInstitutions } from './aws-settings.ts'
import { checkRegister } from './registered-identity.ts'
import { certificatesIn } from './seal-options.ts'
import { BadSettings, readSettings } from './settings.ts'
import { withSecretFiles } from './site-secrets.ts'
import { zSites } from './site-shape.ts'

// `node functions/prepare-bundles.ts DEPLOYMENT FOLDER`: judges what a deployment file says with the very code that
// will read it when a function starts, and writes the files that lie beside the bundles. What cannot be used is
// told line by line, and the exit code is 3.

const zDeployment = z.looseObject({
  publicUrl: z.string(),
  identity: z.unknown(),
  institutions: z.array(z.looseObject({})),
  anchors: z.array(z.string()),
  trust: z.unknown().optional(),
  timeStamps: z.object({ server: z.string(), certificates: z.array(z.string()) }).optional(),
  sites: z.array(z.looseObject({ name: z.string() })).optional(),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
})

const problems: string[] = []

/** Runs one check; what it refuses is told under the name of the setting, which may be in the path already. */
function judge<T>(setting: string, check: () => T): T | undefined {
  try {
    return check()
  } catch (error) {
    if (error instanceof z.ZodError) {
      for (const { path, message } of error.issues)
        problems.push(`${[setting, ...path].filter((part) => part !== '').join('.')}: ${message}`)
    } else if (error instanceof BadSettings || error instanceof Refusal) {
      for (const line of error.message.split('\n'))
        problems.push(`${setting}: ${line.replace(/^IDENTITY: /, '')}`)
    } else throw error
    return undefined
  }
}

const [file = '', folder = ''] = process.argv.slice(2)
const deployment = zDeployment.parse(JSON.parse(readFileSync(file, 'utf8')))
const { publicUrl, identity, anchors, trust, timeStamps, sites, settings } = deployment
const institutions = deployment.institutions.map(({ furtherKeys: _keys, ...institution }) => institution)

judge('identity', () => checkRegister(identity, 'elsewhere'))
judge('', () => zInstitutions.parse({ institutions, anchors }))
if (trust !== undefined) judge('trust', () => parseTrustRegister(trust))
const stampers = timeStamps?.certificates.map(pemCertificate).join('')
if (timeStamps && stampers !== undefined) {
  judge('timeStamps.server', () => httpTimeStamps(timeStamps.server, []))
  judge('timeStamps', () => certificatesIn(stampers, 'certificates'))
}
const entries = sites?.map(({ mount: _mount, ...site }) => withSecretFiles(site))
if (entries) judge('', () => zSites.parse({ sites: entries }))
judge('settings', () =>
  readSettings({
    NODE_ENV: 'production',
    PUBLIC_URL: publicUrl,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  }),
)

if (problems.length > 0) {
  process.stderr.write(problems.join('\n'))
  process.exitCode = 3
} else {
  const { ontology, files } = loadShipped()
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content)
  mkdirSync(join(folder, 'all'), { recursive: true })
  mkdirSync(join(folder, 'projector'), { recursive: true })
  write('all/ontology.json', packShipped(ontology))
  write('all/practicals.json', packPracticals())
  write('all/identity.json', JSON.stringify(identity))
  write('all/institutions.json', JSON.stringify({ institutions, anchors }))
  if (trust !== undefined) write('all/trust.json', JSON.stringify(trust))
  if (stampers !== undefined) write('all/time-stamps.pem', stampers)
  if (entries) write('all/sites.json', JSON.stringify({ sites: entries }))
  // Read by the one function that keeps versions.
  write('projector/ontology-files.json', JSON.stringify([...files]))
}
