import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { fileLimits, isFileName, isFilePrefix } from '#core/file-names.ts'
import type { Files } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

/**
 * `Files` in a bucket of S3; a name is the key of its object. S3 shows an object whole or not at all, and at
 * once to everybody.
 */
export function s3Files({ client, bucket: Bucket }: { client: S3Client; bucket: string }): Files {
  const keyOf = (name: string) => {
    if (!isFileName(name)) throw new Error('a file name does not have the form of one')
    return { Bucket, Key: name }
  }

  return {
    async put(name, bytes, ContentType) {
      const key = keyOf(name)
      if (bytes.length > fileLimits.bytesPerFile) {
        throw new Refusal('too_large', `A file is at most ${fileLimits.bytesPerFile} bytes.`)
      }
      await client.send(new PutObjectCommand({ ...key, Body: bytes, ContentType }))
    },

    async get(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand(keyOf(name)))
        return Body ? await Body.transformToByteArray() : new Uint8Array()
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },

    async delete(name) {
      await client.send(new DeleteObjectCommand(keyOf(name)))
    },

    async list(prefix) {
      if (!isFilePrefix(prefix)) throw new Error('a prefix begins with a tenant tag and "/"')
      const names: string[] = []
      let ContinuationToken: string | undefined
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: prefix,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
        )
        names.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []))
        if (names.length > fileLimits.namesPerList) throw new Error('more files than one list may hold')
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken !== undefined)
      return names.sort()
    },
  }
}
