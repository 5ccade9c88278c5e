import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileLimits } from '#core/file-names.ts'
import type { Files } from '#core/ports.ts'

/** What every engine behind `Files` must do. Names begin with tenant tags no other suite uses. */
export function filesContract(
  engineName: string,
  makeEngine: () => Promise<{ files: Files; close(): unknown }>,
) {
  describe(`Files on ${engineName}`, () => {
    let engine: Awaited<ReturnType<typeof makeEngine>>
    let files: Files
    beforeAll(async () => {
      engine = await makeEngine()
      files = engine.files
    })
    afterAll(() => engine?.close())

    const text = (value: string) => new TextEncoder().encode(value)
    const put = (name: string, value = name) => files.put(name, text(value), 'text/plain')

    test('answers the bytes that were put, whatever they are', async () => {
      const every = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256)
      await files.put('aaaaaaaa/every.bin', every, 'application/octet-stream')
      expect(Buffer.from((await files.get('aaaaaaaa/every.bin')) ?? [])).toEqual(Buffer.from(every))
      await files.put('aaaaaaaa/empty.bin', new Uint8Array(), 'application/octet-stream')
      expect(await files.get('aaaaaaaa/empty.bin')).toHaveLength(0)
    })

    test('a second put replaces the first whole', async () => {
      await put('aaaaaaaa/twice', 'a long first text')
      await put('aaaaaaaa/twice', 'short')
      expect(Buffer.from((await files.get('aaaaaaaa/twice')) ?? []).toString()).toBe('short')
    })

    test('many writers of one name leave one whole text', async () => {
      const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(50_000))
      await Promise.all(texts.map((value) => put('aaaaaaaa/contended', value)))
      expect(texts).toContain(Buffer.from((await files.get('aaaaaaaa/contended')) ?? []).toString())
      expect(await files.list('aaaaaaaa/contended')).toEqual(['aaaaaaaa/contended'])
    })

    test('what is not there is answered with nothing, and may be deleted', async () => {
      expect(await files.get('aaaaaaaa/no/such/file')).toBeUndefined()
      await files.delete('aaaaaaaa/no/such/file')
    })

    test('a deleted file is gone', async () => {
      await put('aaaaaaaa/deleted')
      await files.delete('aaaaaaaa/deleted')
      expect(await files.get('aaaaaaaa/deleted')).toBeUndefined()
      expect(await files.list('aaaaaaaa/deleted')).toEqual([])
    })

    test('a name may be the beginning of another', async () => {
      await put('bbbbbbbb/a')
      await put('bbbbbbbb/a/b')
      await put('bbbbbbbb/a/b/c')
      for (const name of ['bbbbbbbb/a', 'bbbbbbbb/a/b', 'bbbbbbbb/a/b/c']) {
        expect(Buffer.from((await files.get(name)) ?? []).toString()).toBe(name)
      }
      expect(await files.list('bbbbbbbb/')).toEqual(['bbbbbbbb/a', 'bbbbbbbb/a/b', 'bbbbbbbb/a/b/c'])
    })

    test('lists by prefix, sorted, of one tenant only', async () => {
      for (const name of ['cccccccc/x/2', 'cccccccc/x/1', 'cccccccc/xy', 'cccccccc/y', 'dddddddd/x/1'])
        await put(name)
      expect(await files.list('cccccccc/x')).toEqual(['cccccccc/x/1', 'cccccccc/x/2', 'cccccccc/xy'])
      expect(await files.list('cccccccc/x/')).toEqual(['cccccccc/x/1', 'cccccccc/x/2'])
      expect(await files.list('dddddddd/')).toEqual(['dddddddd/x/1'])
      expect(await files.list('eeeeeeee/')).toEqual([])
    })

    test.each([
      ['a way up', 'aaaaaaaa/../bbbbbbbb/a'],
      ['a way up at the end', 'aaaaaaaa/..'],
      ['a hidden file', 'aaaaaaaa/.secret'],
      ['an absolute path', '/etc/passwd'],
      ['no tenant', 'report.txt'],
      ['a tenant that is none', 'tenant/report.txt'],
      ['an empty part', 'aaaaaaaa//a'],
      ['a slash at the end', 'aaaaaaaa/a/'],
      ['upper case', 'aaaaaaaa/A'],
      ['a backslash', 'aaaaaaaa\\a'],
      ['a NUL', 'aaaaaaaa/a\0'],
      ['a letter beyond ASCII', 'aaaaaaaa/é'],
      ['a blank', 'aaaaaaaa/a b'],
      ['a drive', 'aaaaaaaa/c:'],
      [
        'more than 400 characters',
        `aaaaaaaa/${'a'.repeat(90)}/${'a'.repeat(90)}/${'a'.repeat(90)}/${'a'.repeat(90)}/${'a'.repeat(90)}`,
      ],
      ['a part of more than 100', `aaaaaaaa/${'a'.repeat(101)}`],
    ])('%s is no file name', async (_title, name) => {
      await expect(put(name)).rejects.toThrow('a file name')
      await expect(files.get(name)).rejects.toThrow('a file name')
      await expect(files.delete(name)).rejects.toThrow('a file name')
    })

    test.each(['', '/', 'aaaaaaaa', 'a/', '../', 'aaaaaaaa/../'])(
      '%j lists nothing: it is no prefix',
      async (prefix) => {
        await expect(files.list(prefix)).rejects.toThrow('a prefix')
      },
    )

    test('a file of more than the limit is refused, and the one before it stays', async () => {
      await put('aaaaaaaa/large', 'before')
      const large = new Uint8Array(fileLimits.bytesPerFile + 1)
      await expect(files.put('aaaaaaaa/large', large, 'application/octet-stream')).rejects.toMatchObject({
        code: 'too_large',
      })
      expect(Buffer.from((await files.get('aaaaaaaa/large')) ?? []).toString()).toBe('before')
    })
  })
}
