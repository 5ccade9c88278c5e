import { isTenantTag } from './ids.ts'

export const fileLimits = { bytesPerFile: 32 * 1024 * 1024, namesPerList: 100_000, nameLength: 400 } as const

const part = /^[a-z0-9_-][a-z0-9._-]{0,99}$/

/** Whether a text may name a file: at least two parts of `[a-z0-9._-]`, none beginning with a dot, the first one a tenant tag. */
export function isFileName(name: string): boolean {
  const parts = name.split('/')
  return (
    name.length <= fileLimits.nameLength &&
    parts.length >= 2 &&
    isTenantTag(parts[0] ?? '') &&
    parts.every((text) => part.test(text))
  )
}

/** Whether a text may begin file names: whole folders from a tenant tag on, then perhaps the start of a part. */
export function isFilePrefix(prefix: string): boolean {
  return prefix.endsWith('/') ? isFileName(`${prefix}x`) : isFileName(prefix)
}
