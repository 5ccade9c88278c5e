import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

const mostEntries = 5000

/**
 * Sessions, codes and grants of the embedded provider, in memory and bounded: the oldest give way. Nothing
 * here must survive a restart; whoever was in the middle of signing in begins again.
 */
export function memoryAdapter(now: () => Date): AdapterFactory {
  const entries = new Map<string, { payload: AdapterPayload; until: number }>()
  const read = (key: string) => {
    const entry = entries.get(key)
    if (entry && entry.until > now().getTime()) return entry.payload
    entries.delete(key)
    return undefined
  }
  const findWhere = (model: string, fits: (payload: AdapterPayload) => boolean) =>
    [...entries]
      .filter(([key, { payload }]) => key.startsWith(`${model}:`) && fits(payload))
      .map(([key]) => read(key))
      .find((payload) => payload !== undefined)

  return (model): Adapter => ({
    async upsert(id, payload, expiresInSeconds) {
      const key = `${model}:${id}`
      entries.delete(key)
      entries.set(key, { payload, until: now().getTime() + (expiresInSeconds ?? 86_400) * 1000 })
      const [oldest] = entries.size > mostEntries ? entries.keys() : []
      if (oldest !== undefined) entries.delete(oldest)
    },
    async find(id) {
      return read(`${model}:${id}`)
    },
    async findByUid(uid) {
      return findWhere(model, (payload) => payload.uid === uid)
    },
    async findByUserCode(userCode) {
      return findWhere(model, (payload) => payload.userCode === userCode)
    },
    async consume(id) {
      const payload = read(`${model}:${id}`)
      if (payload) payload.consumed = Math.floor(now().getTime() / 1000)
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
    },
  })
}
