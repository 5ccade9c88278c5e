import { gunzipSync, inflateSync } from 'node:zlib'
import { StatusList } from '@sd-jwt/jwt-status-list'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packBitstring, packTokenStatusList } from '#core/credentials/pack-status-list.ts'
import {
  readBit,
  readStatus,
  type StatusBits,
  statusBits,
  unpackBitstring,
  unpackTokenStatusList,
  writeBit,
  writeStatus,
} from '#core/credentials/status-list.ts'

const primitives = {
  inflate: (bytes: Uint8Array, maxOutputLength: number) => inflateSync(bytes, { maxOutputLength }),
  gunzip: (bytes: Uint8Array, maxOutputLength: number) => gunzipSync(bytes, { maxOutputLength }),
}
const aList = fc.constantFrom(...(statusBits as StatusBits[])).chain((bits) =>
  fc.record({
    bits: fc.constant(bits),
    values: fc.array(fc.nat(2 ** bits - 1), { minLength: 8, maxLength: 96 }),
  }),
)

describe('Token Status List', () => {
  test('index 0 stands in the lowest bits of the first byte', () => {
    const list = new Uint8Array(2)
    writeStatus(list, 2, 0, 2)
    writeStatus(list, 2, 5, 1)
    expect([...list]).toEqual([0b10, 0b100])
  })

  test('the oracle reads what we pack and we read what the oracle packs', async () => {
    await fc.assert(
      fc.asyncProperty(aList, async ({ bits, values }) => {
        const whole = values.slice(0, values.length - (values.length % (8 / bits)))
        const list = new Uint8Array((whole.length * bits) / 8)
        for (const [index, value] of whole.entries()) writeStatus(list, bits, index, value)
        const theirs = StatusList.decompressStatusList(packTokenStatusList(bits, list).lst, bits)
        expect(whole.map((_v, index) => theirs.getStatus(index))).toEqual(whole)
        const ours = await unpackTokenStatusList(
          { bits, lst: new StatusList(whole, bits).compressStatusList() },
          primitives,
        )
        expect(whole.map((_v, index) => readStatus(ours.list, bits, index))).toEqual(whole)
      }),
    )
  })

  test('setting one entry leaves its neighbours as they are', () => {
    fc.assert(
      fc.property(aList, fc.nat(95), fc.nat(255), ({ bits, values }, at, value) => {
        const index = at % values.length
        const list = new Uint8Array(values.length)
        for (const [i, v] of values.entries()) writeStatus(list, bits, i, v)
        writeStatus(list, bits, index, value % 2 ** bits)
        const wanted = values.with(index, value % 2 ** bits)
        expect(values.map((_v, i) => readStatus(list, bits, i))).toEqual(wanted)
      }),
    )
  })

  test.each([-1, 0.5, 16, Number.NaN, 2 ** 40])('index %s of a list of 16 has no status', (index) => {
    expect(readStatus(new Uint8Array(2), 1, index)).toBeUndefined()
    expect(readBit(new Uint8Array(2), index)).toBeUndefined()
  })

  test.each([
    ['nothing', undefined],
    ['three bits', { bits: 3, lst: packTokenStatusList(1, new Uint8Array(8)).lst }],
    ['a list that is no zlib', { bits: 1, lst: 'YWJj' }],
    ['a bomb', { bits: 1, lst: packTokenStatusList(1, new Uint8Array(9 * 1024 * 1024)).lst }],
  ])('%s is refused', async (_what, statusList) => {
    await expect(unpackTokenStatusList(statusList, primitives)).rejects.toMatchObject({
      reason: 'list_invalid',
    })
  })
})

describe('Bitstring Status List', () => {
  test('index 0 is the leftmost bit', () => {
    const list = new Uint8Array(2)
    writeBit(list, 0, true)
    writeBit(list, 9, true)
    expect([...list]).toEqual([0b1000_0000, 0b0100_0000])
    writeBit(list, 0, false)
    expect([...list]).toEqual([0, 0b0100_0000])
  })

  test('what was packed is read back', async () => {
    const list = new Uint8Array(16_384)
    const set = new Set([0, 1, 7, 8, 4711, 131_071])
    for (const index of set) writeBit(list, index, true)
    const packed = packBitstring(list)
    expect(packed).toMatch(/^uH4sI/)
    const read = await unpackBitstring(packed, primitives)
    const found = Array.from({ length: 131_072 }, (_v, index) => index).filter((index) =>
      readBit(read, index),
    )
    expect(found).toEqual([...set])
  })

  test.each([
    ['no multibase prefix', packBitstring(new Uint8Array(16_384)).slice(1)],
    ['fewer than 131,072 entries', packBitstring(new Uint8Array(16_383))],
    ['a bomb', packBitstring(new Uint8Array(9 * 1024 * 1024))],
    ['a number', 5],
  ])('%s is refused', async (_what, encoded) => {
    await expect(unpackBitstring(encoded, primitives)).rejects.toMatchObject({
      reason: expect.stringMatching(/list_invalid|not_base64url/),
    })
  })
})
