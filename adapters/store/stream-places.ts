import * as z from 'zod'
import type { RecordKey } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { StreamStore } from '#core/store.ts'
import { keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData } from './z-items.ts'

const zOpen = z.object({
  streams: z.array(z.object({ thing: z.string(), holder: z.string(), until: z.number() })),
})
type Stream = z.output<typeof zOpen>['streams'][number]

const tries = 10

/** One item for each account, changed by one conditional write: two processes never give the last place away twice. */
export function streamStore({ records, clock, random, masterKey }: StoreParts): StreamStore {
  const now = () => Math.floor(clock.now().getTime() / 1000)

  async function read(key: RecordKey) {
    const item = await records.get(key)
    const { streams } = item ? fromItem(zOpen, 'open streams', item) : { streams: [] }
    return { version: item?.version, streams: streams.filter(({ until }) => until > now()) }
  }

  /** Changes what is open; `change` answers undefined to leave it as it is. Answers whether it changed. */
  async function edit(key: RecordKey, change: (open: Stream[]) => Stream[] | undefined): Promise<boolean> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const { version, streams } = await read(key)
      const changed = change(streams)
      if (!changed) return false
      const { ok } = await records.transact([
        {
          put: {
            ...key,
            version: (version ?? 0) + 1,
            // What nobody lets go of is forgotten with the last of them.
            ttl: Math.max(now() + 1, ...changed.map(({ until }) => until)),
            data: toData({ streams: changed }),
          },
          if: version === undefined ? 'absent' : { version },
        },
      ])
      if (ok) return true
    }
    throw new Refusal('storage_busy', 'Too many streams are opened at once; try again.')
  }

  return {
    async takeStreamPlace({ tenant, subject }, thing, { most, seconds }) {
      const key = keys.streams(tenant, masterKey.mac('subject', JSON.stringify([tenant, subject])))
      const holder = Buffer.from(random.bytes(9)).toString('base64url')
      const taken = await edit(key, (open) => {
        const others = open.filter((one) => one.thing !== thing)
        if (others.length >= most) return undefined
        return [...others, { thing, holder, until: now() + seconds }]
      })
      if (!taken) return undefined
      const isOwn = (one: Stream) => one.holder === holder
      return {
        held: async () => (await read(key)).streams.some(isOwn),
        async release() {
          await edit(key, (open) => (open.some(isOwn) ? open.filter((one) => !isOwn(one)) : undefined))
        },
      }
    },
  }
}
