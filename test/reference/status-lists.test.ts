import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { packTokenStatusList } from '#core/credentials/pack-status-list.ts'
import {
  readBit,
  readStatus,
  type StatusBits,
  unpackBitstring,
  unpackTokenStatusList,
  writeStatus,
} from '#core/credentials/status-list.ts'
import { referencePath } from './reference-data.ts'

const primitives = {
  inflate: (bytes: Uint8Array, maxOutputLength: number) => inflateSync(bytes, { maxOutputLength }),
  gunzip: (bytes: Uint8Array, maxOutputLength: number) => gunzipSync(bytes, { maxOutputLength }),
}

describe('Token Status List draft 20', () => {
  const folder = referencePath('vectors/token-status-list/extracted')
  // The printed pairs: the values, and the list they make. A line break inside a string is the page's.
  test.each([
    ['003', '007', 1],
    ['005', '008', 2],
    ['031', '032', 1],
    ['034', '035', 2],
    ['037', '038', 4],
    ['040', '041', 8],
  ] as const)('values %s and list %s (%i bits) agree, read and written', async (values, list, bits) => {
    const text = readFileSync(`${folder}/${list}.txt`, 'utf8')
    const object = JSON.parse(text.slice(text.indexOf('{')).replace(/\n\s*(?=[A-Za-z0-9_-]+["\n])/g, '')) as {
      lst: string
    }
    const statusList = { ...object, lst: object.lst.replace(/\s+/g, '') }
    const read = await unpackTokenStatusList(statusList, primitives)
    expect(read.bits).toBe(bits)
    const printed = [
      ...readFileSync(`${folder}/${values}.txt`, 'utf8').matchAll(/status\[(\d+)\]\s*=\s*0b([01]+)/g),
    ]
    expect(printed.length).toBeGreaterThan(5)
    const made = new Uint8Array(read.list.length)
    for (const [, index, value] of printed) {
      expect(readStatus(read.list, bits, Number(index))).toBe(Number.parseInt(value ?? '', 2))
      writeStatus(made, bits, Number(index), Number.parseInt(value ?? '', 2))
    }
    // What is not printed is 0: the bytes are the same.
    expect(Buffer.from(made).equals(Buffer.from(read.list))).toBe(true)
    const packed = await unpackTokenStatusList(
      packTokenStatusList(bits satisfies StatusBits, made),
      primitives,
    )
    expect(Buffer.from(packed.list).equals(Buffer.from(made))).toBe(true)
  })
})

describe('Bitstring Status List 1.0', () => {
  const folder = referencePath('vectors/bitstring-status-list/extracted')
  const lists = readdirSync(folder)
    .map(
      (file) =>
        [file, /"encodedList":\s*"(u[^"]+)"/.exec(readFileSync(`${folder}/${file}`, 'utf8'))?.[1]] as const,
    )
    .filter(([, list]) => list !== undefined)

  test('there are printed lists', () => {
    expect(lists.length).toBeGreaterThan(3)
  })

  test.each(lists)('the list of %s is read', async (_file, encodedList) => {
    const list = await unpackBitstring(encodedList, primitives)
    expect(list.length * 8).toBeGreaterThanOrEqual(131_072)
    expect(readBit(list, 0)).toBe(false)
  })
})
