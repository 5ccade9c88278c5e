import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CaseVersion, casePackage, caseVersions } from '#core/ontology/exchange/case-package.ts'
import { ctdlAsn } from '#core/ontology/exchange/ctdl-asn.ts'
import { importCase } from '#core/ontology/exchange/import-case.ts'
import { importCsv } from '#core/ontology/exchange/import-csv.ts'
import type { ImportedSkills } from '#core/ontology/exchange/imported-skills.ts'
import { nameUuid, permanentIri } from '#core/ontology/exchange/name-uuid.ts'
import { csvFiles, skillsCsv } from '#core/ontology/exchange/skills-csv.ts'
import { describe as describeFinding } from '#core/ontology/finding.ts'
import { importIntoDraft } from '#core/ontology/import-into-draft.ts'
import { judgeDraft } from '#core/ontology/judge-draft.ts'
import type { OntologyFiles } from '#core/ontology/ontology-files.ts'
import { startDraft } from '#core/ontology/start-draft.ts'
import { Refusal } from '#core/refusal.ts'
import type { Level, Mapping, Ontology, Skill } from '#core/skills/ontology.ts'
import { keepShipped } from '#functions/ontologies.ts'
import { buildOntology } from '#skills-ontology/build.ts'
import { editFiles } from '#skills-ontology/edit-files.ts'
import { folderOf } from '#skills-ontology/files.ts'
import { judgeOntology, loadShipped } from '#skills-ontology/load.ts'
import { readSource } from '#skills-ontology/read-source.ts'
import { world } from '#test/support/world.ts'

const publicUrl = 'https://skills.example.eu'
const { ontology: shipped, files } = loadShipped()
const options = { publicUrl, approval: { approvedBy: 'Whoever imports', approvedOn: '2026-11-27' } }
const changedAt = new Date('2026-11-23T00:00:00Z')

const caseText = (ontology: Ontology, version: CaseVersion) =>
  JSON.stringify(casePackage(ontology, { publicUrl, version, changedAt }))
const caseFile = (ontology: Ontology, version: CaseVersion = '1.1') => ({
  name: 'package.json',
  text: caseText(ontology, version),
})
const tables = (ontology: Ontology) => csvFiles.map((name) => ({ name, text: skillsCsv(ontology, name) }))

test('a GUID is the version 5 UUID of the permanent name, and a CTID too', () => {
  expect(nameUuid(permanentIri(publicUrl, 'skill', 'machine-learning'))).toBe(
    'cd6916d2-090d-52f0-8d94-59994e0e0908',
  )
  const { '@graph': graph } = JSON.parse(ctdlAsn(shipped, publicUrl)) as {
    '@graph': Record<string, unknown>[]
  }
  const [framework, ...competencies] = graph
  expect(framework?.['ceterms:ctid']).toBe('ce-9d51b5d2-27e0-5932-972a-6b1a4a7ec11e')
  const found = competencies.find((one) => one['ceasn:codedNotation'] === 'machine-learning')
  expect(found).toMatchObject({
    'ceterms:ctid': 'ce-cd6916d2-090d-52f0-8d94-59994e0e0908',
    'ceasn:competencyLabel': shipped.skills.get('machine-learning')?.label,
    'ceasn:exactAlignment': ['http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43'],
  })
  expect([...((found?.['ceasn:prerequisiteAlignment'] ?? []) as string[])].sort()).toEqual(
    shipped.skills
      .get('machine-learning')
      ?.requires.map(({ skill }) => permanentIri(publicUrl, 'skill', skill))
      .toSorted(),
  )
})

test.each(caseVersions)(
  'CASE %s: every reference leads to something, GUIDs are unique, the acknowledgement is there',
  (version) => {
    const { CFDocument, CFItems, CFAssociations, CFDefinitions } = casePackage(shipped, {
      publicUrl,
      version,
      changedAt,
    })
    const own = [CFDocument, ...CFItems].map(({ identifier }) => identifier)
    expect(new Set(own).size).toBe(own.length)
    expect(new Set(CFAssociations.map(({ identifier }) => identifier)).size).toBe(CFAssociations.length)
    const known = new Set(own)
    const groupings = new Set(CFDefinitions.CFAssociationGroupings.map(({ identifier }) => identifier))
    for (const {
      associationType,
      originNodeURI,
      destinationNodeURI,
      CFAssociationGroupingURI: group,
    } of CFAssociations) {
      expect(known.has(originNodeURI.identifier)).toBe(true)
      if (/^(isChildOf|precedes|replacedBy)$/.test(associationType)) {
        expect(known.has(destinationNodeURI.identifier)).toBe(true)
      }
      if (group) expect(groupings.has(group.identifier)).toBe(true)
      expect(associationType === 'precedes' || /Match|Related/.test(associationType)).toBe(
        group !== undefined,
      )
    }
    expect(String(CFDocument['notes'])).toContain(
      'This service uses the ESCO classification of the European Commission.',
    )
    expect(CFDocument['caseVersion']).toBe(version === '1.1' ? '1.1' : undefined)
    expect(CFItems.some(({ extensions }) => extensions !== undefined)).toBe(version === '1.1')
  },
)

describe('a round trip of the shipped ontology changes nothing, to the letter', () => {
  test.each<[string, () => ImportedSkills]>([
    ['CASE 1.0', () => importCase(caseFile(shipped, '1.0'), shipped, options)],
    ['CASE 1.1', () => importCase(caseFile(shipped), shipped, options)],
    ['CSV', () => importCsv(tables(shipped), shipped, options)],
    [
      'CSV with the line ends of Unix',
      () =>
        importCsv(
          tables(shipped).map(({ name, text }) => ({ name, text: text.replaceAll('\r\n', '\n') })),
          shipped,
          options,
        ),
    ],
  ])('%s', (_format, read) => {
    const { edits } = read()
    const after = editFiles(files, edits)
    for (const [name, text] of files) expect(after.get(name), name).toBe(text)
  })
})

const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const words = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 30 })
  // What no label may have by rule 3, and what YAML cannot write, is no matter of exchange.
  .map((text) => text.replace(/[\p{C}\p{Z}\ufeff\ufffe\uffff]+/gu, ' ').trim())
  .filter((text) => text !== '')
const odd = fc.oneof(
  words,
  fc.constantFrom(
    '=1+1',
    "'=x",
    "''-y",
    '-5',
    '@here',
    'a "quoted", word',
    'two; three',
    '#no comment',
    'yes',
    'null',
    '1.0',
    'approved by X on 2020-01-01',
  ),
)
const level = fc.constantFrom<Level>(1, 2, 3, 4)
const mapping = fc.record({
  relation: fc.constantFrom<Mapping['relation']>('exactMatch', 'closeMatch', 'broadMatch', 'narrowMatch'),
  target: fc.oneof(fc.uuid(), fc.constantFrom('K1.1', 'AI3.1-b', 'USE2.2')),
  label: odd,
  approvedBy: odd,
  approvedOn: day,
})

/** Skills that require later ones, so without circles; new ones, in two domains. */
const skills = fc.integer({ min: 1, max: 7 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, n) =>
      fc
        .record({
          domain: fc.constantFrom('inference', 'foundations'),
          en: odd,
          fr: odd,
          text: fc.option(odd, { nil: undefined }),
          emerging: fc.boolean(),
          replaced: fc.boolean(),
          requires: fc.uniqueArray(fc.tuple(fc.integer({ min: n + 1, max: n + 3 }), level), {
            maxLength: 3,
            selector: ([to]) => to,
          }),
          mappings: fc.uniqueArray(mapping, { maxLength: 3, selector: ({ target }) => target }),
        })
        .map((made): Skill => {
          const description = made.text === undefined ? {} : { en: made.text }
          const replacement =
            n + 1 < size && made.replaced
              ? { status: 'deprecated' as const, replacedBy: `new-${n + 1}` }
              : { status: 'live' as const }
          return {
            id: `new-${n}`,
            domain: made.domain,
            label: { en: made.en, fr: made.fr },
            description,
            emerging: made.emerging,
            ...replacement,
            broader: [],
            requires: made.requires
              .filter(([to]) => to < size)
              .map(([to, least]) => ({ skill: `new-${to}`, level: least })),
            mappings: made.mappings.map(({ target, ...rest }): Mapping => {
              const isEsco = target.length === 36
              const { label, ...approved } = rest
              return isEsco
                ? { ...approved, scheme: 'esco', uri: `http://data.europa.eu/esco/skill/${target}`, label }
                : { ...approved, scheme: 'hpccf', notation: target }
            }),
          }
        }),
    ),
  ),
)

/** The shipped head and nothing else, so read in a moment. */
const bare: OntologyFiles = new Map([
  ['ontology.yaml', files.get('ontology.yaml') ?? ''],
  ...['modules', 'roles', 'sectors', 'programmes'].map((kind): [string, string] => [
    `${kind}.yaml`,
    `${kind}: {}\n`,
  ]),
  ['esco-labels.yaml', 'version: "1.2.1"\nconcepts: {}\n'],
  ['demand-sample.csv', 'role,sector,country,year,headcount\n'],
  ...['inference', 'foundations'].map((domain): [string, string] => [
    `skills/${domain}.yaml`,
    `domain: ${domain}\nskills: {}\n`,
  ]),
])

/** The skills that are built when the edits were written as YAML and read again; the rules are not asked. */
function throughFiles(before: OntologyFiles, { edits }: ImportedSkills): ReadonlyMap<string, Skill> {
  const { source, findings } = readSource(folderOf(editFiles(before, edits)))
  if (!source) throw new Error(findings.map(describeFinding).join('\n'))
  return buildOntology(source).skills
}

test.each<[string, (ontology: Ontology) => ImportedSkills, boolean]>([
  ['CASE 1.1', (ontology) => importCase(caseFile(ontology), shipped, options), true],
  [
    'CASE 1.0, but for other languages than English',
    (ontology) => importCase(caseFile(ontology, '1.0'), shipped, options),
    false,
  ],
  ['CSV', (ontology) => importCsv(tables(ontology), shipped, options), true],
])(
  '%s: a round trip of any skills loses no prerequisite, level, mapping or approval',
  (_format, roundTrip, allLanguages) => {
    fc.assert(
      fc.property(skills, (made) => {
        const ontology: Ontology = { ...shipped, skills: new Map(made.map((skill) => [skill.id, skill])) }
        const back = throughFiles(bare, roundTrip(ontology))
        for (const skill of made) {
          const { label, description, emerging, ...rest } = back.get(skill.id) ?? ({} as Skill)
          expect(rest).toMatchObject({
            domain: skill.domain,
            status: skill.status,
            requires: skill.requires,
            mappings: skill.mappings,
          })
          expect(rest.replacedBy).toBe(skill.replacedBy)
          expect(label.en).toBe(skill.label.en)
          if (!allLanguages) continue
          expect({ label, description, emerging }).toEqual({
            label: skill.label,
            description: skill.description,
            emerging: skill.emerging,
          })
        }
      }),
      { numRuns: 30 },
    )
  },
)

describe('a package of somebody else', () => {
  const link = (identifier: string, title = '') => ({
    title,
    identifier,
    uri: `https://other.example/${identifier}`,
  })
  const foreign = (more: object = {}, precedes: [string, string][] = [['a', 'b']]) =>
    JSON.stringify({
      CFDocument: { identifier: 'doc', title: 'Other skills', language: 'en' },
      CFItems: [
        {
          identifier: 'a',
          uri: 'https://other.example/a',
          fullStatement: 'Does the first thing.',
          abbreviatedStatement: 'First thing',
        },
        { identifier: 'b', uri: 'https://other.example/b', fullStatement: 'Second thing, à l’école' },
      ],
      CFAssociations: precedes.map(([from, to]) => ({
        associationType: 'precedes',
        originNodeURI: link(from),
        destinationNodeURI: link(to),
      })),
      ...more,
    })
  const read = (text: string, more: Partial<Parameters<typeof importCase>[2]> = { domain: 'inference' }) =>
    importCase({ name: 'other.json', text }, shipped, { ...options, ...more })

  test('is read with names made of its words; what it does not tell is said', () => {
    const { edits, report } = read(foreign())
    expect(edits).toEqual([
      {
        kind: 'skill',
        skill: {
          id: 'first-thing',
          domain: 'inference',
          label: { en: 'First thing' },
          description: { en: 'Does the first thing.' },
          requires: [],
          mappings: [],
        },
      },
      {
        kind: 'skill',
        skill: {
          id: 'second-thing-a-l-ecole',
          domain: 'inference',
          label: { en: 'Second thing, à l’école' },
          requires: [{ skill: 'first-thing', level: 1 }],
          mappings: [],
        },
      },
    ])
    expect(report).toContain('1 prerequisites without a level: taken as level 1')
  })

  test('is read inside the wrapper some services put around it', () => {
    expect(read(JSON.stringify({ CFPackage: JSON.parse(foreign()) })).edits).toHaveLength(2)
  })

  test('a relation it does not tell becomes a close match, approved by whoever imports', () => {
    const uri = 'http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43'
    const CFAssociations = [
      {
        associationType: 'isRelatedTo',
        originNodeURI: link('a'),
        destinationNodeURI: { title: 'machine learning', identifier: 'x', uri },
      },
    ]
    const { edits, report } = read(foreign({ CFAssociations }))
    expect(edits[0]).toMatchObject({
      skill: { mappings: [{ relation: 'closeMatch', scheme: 'esco', uri, approvedBy: 'Whoever imports' }] },
    })
    expect(report).toContain('1 relations to other classifications not told: taken as close matches')
  })

  test('of a skill of ours, prerequisites outside the package stay', () => {
    const { CFItems, CFAssociations, ...rest } = casePackage(shipped, {
      publicUrl,
      version: '1.0',
      changedAt,
    })
    const few = CFItems.filter(({ humanCodingScheme }) =>
      ['machine-learning', 'deep-learning'].includes(humanCodingScheme),
    )
    const inside = new Set(few.map(({ identifier }) => identifier))
    const some = CFAssociations.filter(
      ({ associationType, originNodeURI, destinationNodeURI }) =>
        associationType === 'precedes' &&
        inside.has(originNodeURI.identifier) &&
        inside.has(destinationNodeURI.identifier),
    )
    const part = { ...rest, CFItems: few, CFAssociations: some }
    const { edits } = importCase({ name: 'part.json', text: JSON.stringify(part) }, shipped, options)
    const after = editFiles(files, edits)
    expect(judgeOntology(folderOf(after)).ontology?.skills.get('deep-learning')).toEqual(
      shipped.skills.get('deep-learning'),
    )
  })

  test.each<[string, () => unknown, string, string]>([
    [
      'a circle',
      () =>
        read(
          foreign({}, [
            ['a', 'b'],
            ['b', 'a'],
          ]),
        ),
      'other.json, CFAssociations: precedes leads in a circle: first-thing → second-thing-a-l-ecole → first-thing.',
      'CFAssociations',
    ],
    [
      'a skill before itself',
      () => read(foreign({}, [['a', 'a']])),
      'other.json, CFAssociations: precedes leads in a circle: first-thing → first-thing.',
      'CFAssociations',
    ],
    [
      'a new skill and no domain',
      () => read(foreign(), {}),
      'other.json, CFItems: first-thing is new: say which domain new skills go to.',
      'CFItems',
    ],
    [
      'an item without a statement',
      () => read(foreign({ CFItems: [{ identifier: 'a' }] })),
      'other.json, CFItems[0].fullStatement: is missing or has the wrong form.',
      'CFItems',
    ],
    [
      'an association that leads nowhere',
      () => read(foreign({}, [['nobody', 'b']])),
      'other.json, CFAssociations[0].originNodeURI: is no skill of the package, nor of the ontology.',
      'CFAssociations',
    ],
    [
      'two items of one name',
      () =>
        read(
          foreign({
            CFItems: [
              { identifier: 'a', fullStatement: 'Same' },
              { identifier: 'b', fullStatement: 'same!' },
            ],
          }),
        ),
      'other.json, CFItems[1].humanCodingScheme: stands twice; same is taken.',
      'CFItems',
    ],
    [
      'no letters to name it by',
      () => read(foreign({ CFItems: [{ identifier: 'a', fullStatement: '漢字' }] })),
      'other.json, CFItems[0].humanCodingScheme: gives no name that an ontology can have.',
      'CFItems',
    ],
    ['no item', () => read(foreign({ CFItems: [] })), 'other.json, CFItems: holds no skill.', 'CFItems'],
    ['no package', () => read('[1]'), 'other.json, : is missing or has the wrong form.', 'files'],
    ['no JSON', () => read('<xml/>'), 'other.json: is no JSON.', 'files'],
  ])('%s is refused by file and member', (_what, run, message, field) => {
    expect(run).toThrow(Refusal)
    expect(run).toThrow(expect.objectContaining({ code: 'invalid_input', message, field }))
  })
})

describe('a table with a mistake is refused by file, row and column', () => {
  const change = (name: string, from: string | RegExp, to: string) =>
    tables(shipped).map((file) => (file.name === name ? { name, text: file.text.replace(from, to) } : file))
  test.each<[string, { name: string; text: string }[], string | RegExp]>([
    [
      'a missing column',
      change('requirements.csv', 'skill,requires,level', 'skill,requires,lvl'),
      'requirements.csv, row 1, level: the column is missing.',
    ],
    [
      'a level of 5',
      change('requirements.csv', /,[1-4]\r\n/, ',5\r\n'),
      'requirements.csv, row 2, level: must be 1, 2, 3 or 4.',
    ],
    [
      'an unknown skill',
      change('requirements.csv', /\r\n[^,]+,/, '\r\nnobody,'),
      'requirements.csv, row 2, skill: names no skill there is.',
    ],
    [
      'a requirement twice',
      change('requirements.csv', /(\r\n[^\r]+)\r\n/, '$1$1\r\n'),
      'requirements.csv, row 3, requires: stands twice for this skill.',
    ],
    [
      'a name twice',
      change('skills.csv', /(\r\n[^\r]+)\r\n/, '$1$1\r\n'),
      'skills.csv, row 3, id: stands twice.',
    ],
    [
      'a name with a blank',
      change('skills.csv', /\r\n[^,]+,/, '\r\nAn Id,'),
      'skills.csv, row 2, id: must be lower-case words joined by hyphens.',
    ],
    [
      'an unknown domain',
      change('skills.csv', /(\r\n[^,]+),[^,]+,/, '$1,alchemy,'),
      'skills.csv, row 2, domain: names no domain there is.',
    ],
    [
      'an unknown relation',
      change('mappings.csv', 'exactMatch', 'sameAs'),
      /^mappings\.csv, row \d+, relation: must be exactMatch/,
    ],
    [
      'an https address',
      change('mappings.csv', 'http://data', 'https://data'),
      /^mappings\.csv, row \d+, target: is no address of an ESCO skill\.$/,
    ],
    [
      'a day of no calendar form',
      change('mappings.csv', /,2026-11-23\r\n/, ',23 November\r\n'),
      /^mappings\.csv, row \d+, approved_on: must be a day/,
    ],
    [
      'a broken quote',
      change('skills.csv', /\r\n[^,]+,/, '\r\n"broken,'),
      /^skills\.csv, row \d+, [\w ]*: a quote is broken\.$/,
    ],
    [
      'a circle',
      change('requirements.csv', /$/, 'linux-command-line,batch-jobs,1\r\n'),
      /^requirements\.csv, requires: leads in a circle: .*batch-jobs/,
    ],
    [
      'a file of another name',
      [{ name: 'people.csv', text: '' }],
      'files: name them skills.csv, requirements.csv, mappings.csv.',
    ],
  ])('%s', (_what, wrong, message) => {
    expect(() => importCsv(wrong, shipped, options)).toThrow(Refusal)
    expect(() => importCsv(wrong, shipped, options)).toThrow(message)
  })
})

test('an import into a draft is judged with it, its history says what came, and a skill may move to another domain', async () => {
  const academy = await world({ settings: { publicUrl } })
  await keepShipped(academy.shipped, academy)
  const author = academy.actor('curator')
  const draft = await startDraft(
    author,
    { requestId: academy.requestId(), title: 'From the spreadsheet' },
    academy,
  )
  const text = 'id,domain,label_en,note\r\nbatch-jobs,deployment,Batch jobs,by hand\r\n'
  const input = {
    requestId: academy.requestId(),
    draftId: draft.id,
    format: 'csv' as const,
    files: [{ name: 'skills.csv', text }],
  }
  const changed = await importIntoDraft(author, input, academy)
  expect(changed.history.at(-1)?.note).toBe(
    'skills.csv: 1 skills in skills.csv; columns nobody knows, left aside: note',
  )
  // The same request again has one effect, though the draft is another by now.
  expect((await importIntoDraft(author, input, academy)).revision).toBe(changed.revision)
  const report = await judgeDraft(
    changed,
    (await academy.store.findDraftFiles(draft.id)) ?? new Map(),
    academy,
  )
  expect(report.proposal?.changes.entries).toEqual([
    expect.objectContaining({
      id: 'batch-jobs',
      fields: expect.arrayContaining([expect.objectContaining({ path: 'domain', after: 'deployment' })]),
    }),
  ])
  expect(report.proposal?.version).toBe('0.4.0')
  await expect(
    importIntoDraft(academy.actor('registrar'), { ...input, requestId: academy.requestId() }, academy),
  ).rejects.toMatchObject({ code: 'not_allowed' })
})
