import type { Files } from '#core/ports.ts'

/** `Files` in a bucket of the region. The SDK is loaded by the first file: most requests touch none. */
export function awsFiles(bucket: string): Files {
  let loaded: Promise<Files> | undefined
  const files = () => {
    loaded ??= import('./client.ts').then(({ bucketFiles }) => bucketFiles(bucket))
    return loaded
  }
  return {
    put: async (name, bytes, contentType) => (await files()).put(name, bytes, contentType),
    get: async (name) => (await files()).get(name),
    delete: async (name) => (await files()).delete(name),
    list: async (prefix) => (await files()).list(prefix),
  }
}
