import * as z from 'zod'
import { unlimited } from '#core/practicals/allowance.ts'
import { type JobFiles, type Queue, QueueError } from '#core/practicals/queue.ts'
import type { SignedHint, Site, SiteHealth, SiteProfile } from '#core/practicals/site.ts'

const zHint = z.strictObject({
  ask: z.literal('hint'),
  timestamp: z.string().max(12),
  signature: z.string().max(200),
  body: z.string().max(4096),
})
/** What the function of a site is asked by those that have no way to the site themselves. */
export const zSiteQuestion = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('health') }),
  z.strictObject({
    ask: z.literal('log'),
    key: z.string().max(40),
    jobId: z.string().max(40),
    maxBytes: z.int().min(1).max(1_048_576),
  }),
  z.strictObject({ ask: z.literal('forget'), key: z.string().max(40) }),
  zHint,
])
export type SiteQuestion = z.output<typeof zSiteQuestion>

const zAnswer = z.object({
  health: z.enum(['up', 'down', 'silent']).exactOptional(),
  base64: z.base64().exactOptional(),
  /** Whether the hint was rightly signed, and followed. */
  taken: z.boolean().exactOptional(),
})
export type SiteAnswer = z.output<typeof zAnswer>

/** What the function of a site answers. */
export async function answerOf(
  question: SiteQuestion,
  { health, files }: Site,
  takeHint: (hint: SignedHint) => Promise<boolean>,
): Promise<SiteAnswer> {
  switch (question.ask) {
    case 'health':
      return { health: await health() }
    case 'log': {
      const bytes = await files.workLogTail(question, question.maxBytes)
      return bytes ? { base64: Buffer.from(bytes).toString('base64') } : {}
    }
    case 'forget':
      await files.forget(question.key)
      return {}
    case 'hint':
      return { taken: await takeHint(question) }
  }
}

const healthWaitMs = 3000

/**
 * A site that is reached by a function of its own, named `functionName`: what is read there is asked of it. Sends,
 * stops and looks at no jobs; that is that function's work alone.
 */
export function askedSite(profile: SiteProfile, functionName: string): Site {
  let loaded: Promise<(name: string, event: object) => Promise<unknown>> | undefined
  async function ask(question: SiteQuestion): Promise<SiteAnswer> {
    loaded ??= import('./client.ts').then(({ lambdaClient }) => lambdaClient())
    try {
      return zAnswer.parse(await (await loaded)(functionName, question))
    } catch (cause) {
      throw new QueueError('unavailable', 'the function of the site does not answer', { cause })
    }
  }
  const files: JobFiles = {
    read: elsewhere,
    async workLogTail({ key, jobId }, maxBytes) {
      const { base64 } = await ask({ ask: 'log', key, jobId, maxBytes })
      return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
    },
    async forget(key) {
      await ask({ ask: 'forget', key })
    },
  }
  return {
    profile,
    queue: noQueue,
    files,
    allowance: unlimited,
    health: () => quickly(ask),
    takeHint: async ({ timestamp, signature, body }) => {
      // What no hint could be is not worth asking.
      const { data } = zHint.safeParse({ ask: 'hint', timestamp, signature, body })
      return data !== undefined && (await ask(data)).taken === true
    },
  }
}

/** Nobody who looks at a page waits longer than three seconds for a site. */
async function quickly(ask: (question: SiteQuestion) => Promise<SiteAnswer>): Promise<SiteHealth> {
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<SiteHealth>((resolve) => {
    timer = setTimeout(() => resolve('silent'), healthWaitMs)
  })
  const asked = ask({ ask: 'health' }).then(
    ({ health = 'silent' }) => health,
    (): SiteHealth => 'silent',
  )
  return Promise.race([asked, silent]).finally(() => clearTimeout(timer))
}

const elsewhere = () =>
  Promise.reject(new QueueError('unavailable', 'jobs of this site are the work of another function'))
const noQueue: Queue = {
  requestsPer: { list: 0, get: 0, findByKey: 0 },
  submit: elsewhere,
  get: elsewhere,
  list: elsewhere,
  findByKey: elsewhere,
  cancel: elsewhere,
  health: elsewhere,
}
