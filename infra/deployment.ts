import { readFileSync } from 'node:fs'
import * as z from 'zod'

const tag = z.string().regex(/^[a-z2-7]{8}$/, 'must be eight characters of base32 in lower case')
const words = z.string().min(1).max(300)
const text = z.object({ en: words, fr: words }).catchall(words)
const base64Certificate = z
  .string()
  .regex(/^[A-Za-z0-9+/]{200,8000}={0,2}$/, 'must be a DER certificate in base64')

/** Days CloudWatch can keep a log. */
const retentions = [7, 14, 30, 60, 90, 180, 365] as const

const zDeployment = z
  .strictObject({
    /** Begins the name of everything that needs one, so that several academies share an account. */
    name: z.string().regex(/^[a-z][a-z0-9-]{2,23}$/, 'must be 3 to 24 small letters, digits and hyphens'),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be the name of a region')
      .optional(),
    publicUrl: z
      .string()
      .max(300)
      .refine(isHttpsOrigin, 'must be an https address without path, query or trailing slash'),
    institutions: z
      .array(
        z.strictObject({
          tag,
          slug: z
            .string()
            .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
            .max(80),
          name: text,
          country: z.string().regex(/^[A-Z]{2}$/, 'must be a country of ISO 3166-1'),
          legalIdentifier: z.string().min(3).max(100),
          homepage: z.url({ protocol: /^https$/ }).max(300),
          /** Of its key, leaf first, without the anchor; absent until the first deployment has made the key. */
          certificates: z.array(base64Certificate).min(1).max(5).optional(),
        }),
      )
      .min(1)
      .max(50),
    /** Anchors of those chains. */
    anchors: z.array(base64Certificate).max(20).default([]),
    /** The issuer register, as `IDENTITY` names it elsewhere; judged by the functions when they start. */
    identity: z.looseObject({ issuers: z.array(z.looseObject({ issuer: z.url() })).min(1) }),
    logRetentionDays: z.literal(retentions, `must be one of ${retentions.join(', ')}`).default(90),
    /** Of the whole API; API Gateway answers 429 above it. */
    requestsPerSecond: z.int().min(1).max(10_000).default(200),
    burst: z.int().min(1).max(5000).default(400),
  })
  .superRefine(({ institutions, anchors, requestsPerSecond, burst }, context) => {
    for (const field of ['tag', 'slug'] as const) {
      const values = institutions.map((institution) => institution[field])
      if (new Set(values).size < values.length) {
        context.addIssue({
          code: 'custom',
          path: ['institutions'],
          message: `no two may have the same ${field}`,
        })
      }
    }
    if (institutions.some(({ certificates }) => certificates) && anchors.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['anchors'],
        message: 'must hold the anchors of the certificates',
      })
    }
    if (burst < requestsPerSecond) {
      context.addIssue({
        code: 'custom',
        path: ['burst'],
        message: 'must not be less than requestsPerSecond',
      })
    }
  })

/** What an operator says of one academy. Holds nothing secret. */
export type Deployment = z.output<typeof zDeployment>

/** A deployment file that cannot be used; each line names the setting and what would be right, never its value. */
export class BadDeployment extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'BadDeployment'
  }
}

/** Checks what a deployment file says. Throws `BadDeployment`. */
export function parseDeployment(content: unknown): Deployment {
  const result = zDeployment.safeParse(content)
  if (result.success) return result.data
  throw new BadDeployment(
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
  )
}

/** Reads a deployment file. Throws `BadDeployment`. */
export function readDeployment(file: string): Deployment {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new BadDeployment(['DEPLOYMENT: must name a readable JSON file'])
  }
  return parseDeployment(content)
}

function isHttpsOrigin(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === 'https:' && url.origin === address
}
