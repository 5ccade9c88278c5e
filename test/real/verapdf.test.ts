import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEdition } from '#core/editions/make-edition.ts'
import { world } from '#test/support/world.ts'
import { names, undrawable } from '../certificates/names.ts'

let folder: string
let verdicts: Map<string, string>
const cases = [...names, ...undrawable.map((text) => [`undrawable ${text}`, text, 'Example'] as const)]

/** Every certificate is printed first and judged by one run of the validator. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'academy-verapdf-'))
  const w = await world()
  const offering = await w.offering({ moduleId: 'm-llm-inference' })
  for (const [position, [, givenName, familyName]] of cases.entries()) {
    const { learner } = await w.learner({
      person: { givenName, familyName, email: `learner-${position}@example.org` },
    })
    const { award } = await w.award({ learner, offering, scorePercent: 90 })
    for (const language of ['en', 'fr']) {
      const { bytes } = await makeEdition(
        w.actor('registrar'),
        { awardId: award.id, edition: 'pdf', language },
        w,
      )
      writeFileSync(join(folder, `${position}-${language}.pdf`), bytes)
    }
    // A file that says it is PDF/A and is not: the judge must see it.
    if (position === 0) {
      const { bytes } = await makeEdition(w.actor('registrar'), { awardId: award.id, edition: 'pdf' }, w)
      const broken = Buffer.from(bytes).toString('latin1').replace('/OutputIntents', '/OutputInXXXXX')
      writeFileSync(join(folder, 'broken.pdf'), Buffer.from(broken, 'latin1'))
    }
  }
  const classPath = process.env['VERAPDF_CLASSPATH']
  if (!classPath)
    throw new Error('VERAPDF_CLASSPATH is not set: test/engines/verapdf/start.sh makes the validator ready')
  // Made sure of by the script that sets the class path.
  const program = 'java'
  const lines = execFileSync(program, ['-cp', classPath, 'VeraJudge', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  verdicts = new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]),
  )
}, 300_000)

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test.each(cases.map(([what], position) => [what, position] as const))(
  'veraPDF finds the certificate of a learner with a name in %s to be PDF/A-2u',
  (_, position) => {
    for (const language of ['en', 'fr'])
      expect(verdicts.get(`${position}-${language}.pdf`)?.trim()).toBe('2u\tcompliant')
  },
)

test('veraPDF is a judge: without its output intent the same file is not compliant', () => {
  expect(verdicts.get('broken.pdf')).toContain('not compliant')
})
