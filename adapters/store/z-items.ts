import * as z from 'zod'
import { isTenantTag, type TenantTag } from '#core/ids.ts'
import { zId, zLevel } from '#core/parse.ts'
import type { Json, RecordItem } from '#core/records.ts'

/** Shapes that many item types share. Items are parsed on the way in like any other input. */

export const zDate = z.iso.datetime({ precision: 3 }).transform((text) => new Date(text))

export const zTenant = z.custom<TenantTag>((value) => typeof value === 'string' && isTenantTag(value))

export const zText = z.object({ en: z.string(), fr: z.string() }).catchall(z.string())

export const zSkillLevel = z.object({ skill: z.string(), level: zLevel })

export { zId }

/** The plain JSON of a value of the domain: dates become ISO 8601 with milliseconds, absent members stay absent. */
export function toData(value: object): { [key: string]: Json } {
  return JSON.parse(JSON.stringify(value))
}

/**
 * An item's data as its type. A stored item that does not parse is damage or a version mix-up: a defect,
 * named by its kind and the path of the first bad member, never by its value.
 */
export function fromItem<T extends z.ZodType>(shape: T, kind: string, item: RecordItem): z.output<T> {
  const result = shape.safeParse(item.data)
  if (result.success) return result.data
  const path = result.error.issues[0]?.path.join('.') ?? ''
  throw new Error(`a stored ${kind} does not have its shape at "${path}"`)
}
