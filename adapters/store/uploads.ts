import * as z from 'zod'
import type { BulkStore } from '#core/bulk/bulk-store.ts'
import type { UploadId } from '#core/ids.ts'
import type { RecordItem } from '#core/records.ts'
import { keys } from './keys.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { zFile } from './z-bulk.ts'
import { fromItem, toData } from './z-items.ts'

const zUpload = z.object({ parts: z.int().min(0), file: zFile })
const zPart = z.object({ sealed: z.string() })

/** As base64 well below the largest item. */
const partBytes = 256 * 1024
const keptDays = 2

/** Uploaded texts until they are read: in parts, sealed under the master key, gone after two days. */
export function uploadStore(
  parts: StoreParts,
): Pick<BulkStore, 'saveUpload' | 'findUpload' | 'readUpload' | 'deleteUpload'> {
  const { records, masterKey, clock } = parts
  const bindingOf = (id: UploadId, number: number) => `upload/${id}/${number}`

  return {
    async saveUpload(file, text) {
      const { upload: id } = file
      const bytes = Buffer.from(text)
      const ttl = Math.floor(clock.now().getTime() / 1000) + keptDays * 86_400
      let number = 0
      for (let start = 0; start < bytes.length; start += partBytes) {
        const part = bytes.subarray(start, start + partBytes)
        const sealed = await masterKey.seal('upload', part, bindingOf(id, number))
        const data = { sealed: Buffer.from(sealed).toString('base64') }
        await records.transact([{ put: { ...keys.uploadPart(id, number), version: 1, ttl, data } }])
        number++
      }
      // Last: without it there is no upload.
      const put: RecordItem = { ...keys.upload(id), version: 1, ttl, data: toData({ parts: number, file }) }
      await records.transact([{ put }])
    },

    async findUpload(id) {
      const item = await records.get(keys.upload(id))
      return item && fromItem(zUpload, 'upload', item).file
    },

    async readUpload(id) {
      const item = await records.get(keys.upload(id))
      if (!item) return undefined
      const opened: Buffer[] = []
      for (let number = 0; number < fromItem(zUpload, 'upload', item).parts; number++) {
        const part = await records.get(keys.uploadPart(id, number))
        const sealed = part && Buffer.from(fromItem(zPart, 'part of an upload', part).sealed, 'base64')
        const bytes = sealed && (await masterKey.open('upload', sealed, bindingOf(id, number)))
        if (!bytes) return undefined
        opened.push(Buffer.from(bytes))
      }
      return Buffer.concat(opened).toString()
    },

    async deleteUpload(id) {
      const { pk } = keys.upload(id)
      for (const { sk } of await allOf(records, { pk })) await records.transact([{ delete: { pk, sk } }])
    },
  }
}
