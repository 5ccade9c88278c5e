import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { readSettings } from '#functions/settings.ts'
import { startLocal } from '#functions/start-local.ts'

const docs = readFileSync('docs/sites.md', 'utf8')
const textOf = (language: string) =>
  [...docs.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, is, text = '']) =>
    is === language ? [text] : [],
  )

test('the script in docs/sites.md that sends hints is taken by a running server, and refused with another secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-hints-'))
  const [script = ''] = textOf('python')
  const sites = textOf('yaml').find((text) => text.includes('adapter: slurmrest')) ?? ''
  const secretFile = join(folder, 'hint.secret')
  writeFileSync(secretFile, `${'s'.repeat(40)}\n`)
  const put = (text: string, change: readonly [string, string]) => {
    expect(text).toContain(change[0])
    return text.replace(...change)
  }
  const sitesFile = join(folder, 'sites.yaml')
  // A site that nothing listens for: a hint is taken before the site is asked.
  const here = put(sites, ['https://slurmrestd.example.org:6820', 'http://127.0.0.1:1'])
  writeFileSync(sitesFile, put(here, ['/run/secrets/hints-of-test-factory', secretFile]))
  const logged: object[] = []
  const settings = readSettings({ PORT: '0', DATA_DIR: join(folder, 'data'), SITES_FILE: sitesFile })
  const server = await startLocal(settings, (line) => logged.push(line))
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const sent = put(put(script, ['https://academy.example.org', server.url]), [
    '/etc/slurm/academy-hint.secret',
    secretFile,
  ])
  const run = () => promisify(execFile)('/usr/bin/python3', ['-c', sent])
  expect(await run()).toEqual({ stdout: '', stderr: '' })
  expect(logged).toContainEqual(expect.objectContaining({ event: 'site-hint', site: 'test-factory' }))

  const other = join(folder, 'other.secret')
  writeFileSync(other, 'o'.repeat(40))
  const wrong = promisify(execFile)('/usr/bin/python3', ['-c', sent.replace(secretFile, other)])
  await expect(wrong).rejects.toMatchObject({ stderr: expect.stringContaining('403') })
  expect(logged.filter((line) => 'event' in line && line.event === 'site-hint')).toHaveLength(1)
})
