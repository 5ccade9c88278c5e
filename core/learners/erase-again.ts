import { isId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'

/**
 * Erases again everybody who was ever erased: after records or learner keys were restored from a time before.
 * Answers how many had come back.
 */
export async function eraseAgain({ store, files }: Pick<Ports, 'store' | 'files'>): Promise<number> {
  let again = 0
  for (const { tag } of await store.listInstitutions()) {
    const prefix = `${tag}/erasures/`
    for (const name of await files.list(prefix)) {
      const id = name.slice(prefix.length)
      if (isId(id, 'lrn') && (await store.eraseLearnerAgain(id))) again++
    }
  }
  return again
}
