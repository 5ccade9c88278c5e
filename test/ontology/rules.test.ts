import { expect, describe as group, test } from 'vitest'
import { describe } from '#core/ontology/finding.ts'
import { judgeOntology, loadOntology } from '#skills-ontology/load.ts'
import { brokenFolder, brokenOntology, type Change } from './broken-ontology.ts'

const foundations = 'skills/foundations.yaml'
const hpc = 'skills/hpc-for-ai.yaml'
const science = 'skills/data-science.yaml'
const responsible = 'skills/responsible-ai.yaml'
const set = (file: string, path: (string | number)[], value: unknown): Change => ({ file, path, value })

const newSkill = (more: object = {}) => ({
  label: { en: 'Something new', fr: 'Quelque chose de neuf' },
  description: { en: 'Do something new.', fr: 'Faire quelque chose de neuf.' },
  ...more,
})

const breaks: [what: string, rule: number, place: string, message: RegExp, ...changes: Change[]][] = [
  [
    'an id with capitals',
    1,
    `${foundations} skills.Bad_Id`,
    /is no id/,
    set(foundations, ['skills', 'Bad_Id'], newSkill()),
  ],
  [
    'one id in two files',
    1,
    `${hpc} skills.python-programming`,
    /already taken in skills\/foundations\.yaml/,
    set(hpc, ['skills', 'python-programming'], newSkill()),
  ],
  [
    'a prerequisite that does not exist',
    1,
    `${foundations} skills.shell-scripting.requires.0.skill`,
    /names no skill: nowhere/,
    set(foundations, ['skills', 'shell-scripting', 'requires', 0, 'skill'], 'nowhere'),
  ],
  [
    'a role that asks for an unknown skill',
    1,
    'roles.yaml roles.ai-engineer.skills.1.skill',
    /names no skill: nowhere/,
    set('roles.yaml', ['roles', 'ai-engineer', 'skills', 1, 'skill'], 'nowhere'),
  ],
  [
    'an overlay for an unknown role',
    1,
    'sectors.yaml sectors.energy.overlay.0.role',
    /names no role: nobody/,
    set('sectors.yaml', ['sectors', 'energy', 'overlay', 0, 'role'], 'nobody'),
  ],
  [
    'an unknown target group',
    1,
    'modules.yaml modules.m-mlops.targetGroups.0',
    /is not known: students/,
    set('modules.yaml', ['modules', 'm-mlops', 'targetGroups', 0], 'students'),
  ],
  [
    'an unknown pathway',
    1,
    'modules.yaml modules.m-mlops.stackability.partOf.0',
    /is not known: no-such-pathway/,
    set('modules.yaml', ['modules', 'm-mlops', 'stackability', 'partOf', 0], 'no-such-pathway'),
  ],
  [
    'a field of study outside the code list',
    1,
    'modules.yaml modules.m-mlops.iscedF',
    /is not known: 0999/,
    set('modules.yaml', ['modules', 'm-mlops', 'iscedF'], '0999'),
  ],
  [
    'an outcome id used twice',
    1,
    'modules.yaml modules.m-mlops.outcomes.1.id',
    /already an outcome of m-mlops/,
    set('modules.yaml', ['modules', 'm-mlops', 'outcomes', 1, 'id'], 'm-mlops-o1'),
  ],
  [
    'a demand row for an unknown sector',
    1,
    'demand-sample.csv',
    /names no sector: moon/,
    { file: 'demand-sample.csv', text: (csv) => `${csv}ai-engineer,moon,DE,2026,3\n` },
  ],
  [
    'a cycle of prerequisites',
    2,
    `${foundations} skills.linux-command-line.requires`,
    /linux-command-line → shell-scripting → linux-command-line/,
    set(foundations, ['skills', 'linux-command-line', 'requires'], [{ skill: 'shell-scripting', level: 1 }]),
  ],
  [
    'a skill that requires itself',
    2,
    `${foundations} skills.databases-sql.requires`,
    /databases-sql → databases-sql/,
    set(foundations, ['skills', 'databases-sql', 'requires'], [{ skill: 'databases-sql', level: 1 }]),
  ],
  [
    'a cycle of broader',
    2,
    `${foundations} skills.python-programming.broader`,
    /python-programming → cpp-programming → python-programming/,
    set(foundations, ['skills', 'python-programming', 'broader'], ['cpp-programming']),
    set(foundations, ['skills', 'cpp-programming', 'broader'], ['python-programming']),
  ],
  [
    'a skill without a French label',
    3,
    `${foundations} skills.containers.label.fr`,
    /is missing/,
    set(foundations, ['skills', 'containers', 'label', 'fr'], undefined),
  ],
  [
    'a module without a French title',
    3,
    'modules.yaml modules.m-mlops.title.fr',
    /is missing/,
    set('modules.yaml', ['modules', 'm-mlops', 'title', 'fr'], undefined),
  ],
  [
    'a role label with a trailing space',
    3,
    'roles.yaml roles.educator.label.fr',
    /begins or ends with a space/,
    set('roles.yaml', ['roles', 'educator', 'label', 'fr'], 'Enseignant '),
  ],
  [
    'a sector label with a no-break space',
    3,
    'sectors.yaml sectors.energy.label.en',
    /no-break space/,
    set('sectors.yaml', ['sectors', 'energy', 'label', 'en'], 'Energy\u00a0sector'),
  ],
  [
    'a label with a double space',
    3,
    'sectors.yaml sectors.energy.label.en',
    /double space/,
    set('sectors.yaml', ['sectors', 'energy', 'label', 'en'], 'Energy  sector'),
  ],
  [
    'two live skills with one label in different spelling',
    3,
    `${responsible} skills.ai-ethics.label.fr`,
    /is also the label of machine-learning/,
    set(responsible, ['skills', 'ai-ethics', 'label', 'fr'], "fondamentaux de l'Apprentissage automatique"),
  ],
  [
    'a module without outcomes',
    4,
    'modules.yaml modules.m-mlops.outcomes',
    /at least one outcome/,
    set('modules.yaml', ['modules', 'm-mlops', 'outcomes'], []),
  ],
  [
    'an outcome without skills',
    4,
    'modules.yaml modules.m-mlops.outcomes.0.skills',
    /at least one skill/,
    set('modules.yaml', ['modules', 'm-mlops', 'outcomes', 0, 'skills'], []),
  ],
  [
    'an outcome at level 5',
    4,
    'modules.yaml modules.m-mlops.outcomes.0.skills.0.level',
    /must be 1, 2, 3 or 4/,
    set('modules.yaml', ['modules', 'm-mlops', 'outcomes', 0, 'skills', 0, 'level'], 5),
  ],
  [
    'an outcome whose prerequisite neither entry nor module gives',
    5,
    'modules.yaml modules.m-spot-the-fake.outcomes.0.skills.0',
    /requires ai-output-evaluation at level 1/,
    set('modules.yaml', ['modules', 'm-spot-the-fake', 'entry'], undefined),
  ],
  [
    'a module nobody can reach',
    6,
    'modules.yaml modules.m-ai-for-everyone.entry.0',
    /no reachable module teaches ai-literacy at level 4/,
    set('modules.yaml', ['modules', 'm-ai-for-everyone', 'entry'], [{ skill: 'ai-literacy', level: 4 }]),
  ],
  [
    'too few hours for the credits',
    7,
    'modules.yaml modules.m-mlops.workloadHours',
    /25 to 30 hours/,
    set('modules.yaml', ['modules', 'm-mlops', 'workloadHours'], 99),
  ],
  [
    'too many hours for the credits',
    7,
    'modules.yaml modules.m-mlops.workloadHours',
    /25 to 30 hours/,
    set('modules.yaml', ['modules', 'm-mlops', 'workloadHours'], 121),
  ],
  [
    'an EQF level of 9',
    7,
    'modules.yaml modules.m-mlops.eqfLevel',
    /from 1 to 8/,
    set('modules.yaml', ['modules', 'm-mlops', 'eqfLevel'], 9),
  ],
  [
    'an ESCO concept that is not in the table',
    8,
    `${foundations} skills.python-programming.mappings.0.uri`,
    /names no concept/,
    set(
      foundations,
      ['skills', 'python-programming', 'mappings', 0, 'uri'],
      'http://data.europa.eu/esco/skill/0',
    ),
  ],
  [
    'an ESCO label that is not the English one',
    8,
    `${foundations} skills.python-programming.mappings.0.label`,
    /differs from ESCO's English label "Python \(computer programming\)"/,
    set(foundations, ['skills', 'python-programming', 'mappings', 0, 'label'], 'Python'),
  ],
  [
    'an occupation mapped to a skill',
    8,
    'roles.yaml roles.data-scientist.mappings.0.uri',
    /names an ESCO skill/,
    set(
      'roles.yaml',
      ['roles', 'data-scientist', 'mappings', 0, 'uri'],
      'http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d',
    ),
  ],
  [
    'two skills that match one concept exactly',
    8,
    `${science} skills.supervised-learning.mappings.0`,
    /already the exactMatch of machine-learning/,
    set(science, ['skills', 'supervised-learning', 'mappings', 0, 'relation'], 'exactMatch'),
  ],
  [
    'another version of ESCO than the pinned one',
    8,
    'esco-labels.yaml version',
    /pinned/,
    set('esco-labels.yaml', ['version'], '1.1.1'),
  ],
  [
    'a practical whose result no assessment reads',
    9,
    'modules.yaml modules.m-llm-inference.practical',
    /reads a job's result, not auto-quiz/,
    set('modules.yaml', ['modules', 'm-llm-inference', 'assessment'], 'auto-quiz'),
    set('modules.yaml', ['modules', 'm-llm-inference', 'assessedByRun'], false),
  ],
  [
    'a module decided by a run it does not have',
    9,
    'modules.yaml modules.m-llm-inference.assessedByRun',
    /needs a practical/,
    set('modules.yaml', ['modules', 'm-llm-inference', 'practical'], undefined),
  ],
  [
    'a deprecated skill without reason or successor',
    10,
    `${foundations} skills.old-skill.status`,
    /needs replacedBy or deprecationReason/,
    set(foundations, ['skills', 'old-skill'], newSkill({ status: 'deprecated' })),
  ],
  [
    'a live skill that requires a deprecated one',
    10,
    `${foundations} skills.shell-scripting.requires.0.skill`,
    /is deprecated: linux-command-line/,
    set(foundations, ['skills', 'linux-command-line', 'status'], 'deprecated'),
    set(foundations, ['skills', 'linux-command-line', 'deprecationReason'], 'No longer needed'),
  ],
]

group('each rule', () => {
  test.each(breaks)('refuses %s (rule %i)', (_what, rule, place, message, ...changes) => {
    const { ontology, findings } = judgeOntology(brokenFolder(...changes))
    const errors = findings.filter(({ severity }) => severity === 'error')
    const found = errors.filter(({ file, path }) => `${file} ${path.join('.')}`.startsWith(place))
    expect(found, errors.map(describe).join('\n')).not.toHaveLength(0)
    expect(found[0]).toMatchObject({ rule, message: expect.stringMatching(message) })
    expect(ontology).toBeUndefined()
  })
})

const warned: [what: string, place: string, message: RegExp, ...changes: Change[]][] = [
  [
    'a skill without a French description',
    `${foundations} skills.containers.description.fr`,
    /is missing/,
    set(foundations, ['skills', 'containers', 'description', 'fr'], undefined),
  ],
  [
    'a skill neither taught nor demanded',
    `${foundations} skills.something-new`,
    /neither taught nor demanded/,
    set(foundations, ['skills', 'something-new'], newSkill()),
  ],
  [
    'a demand above the highest level taught',
    'skills/deployment.yaml skills.mlops',
    /demanded at level 4 and taught up to 3/,
    set('roles.yaml', ['roles', 'mlops-engineer', 'skills', 1, 'level'], 4),
  ],
  [
    'a role without an essential skill',
    'roles.yaml roles.educator.skills',
    /no essential skill/,
    set(
      'roles.yaml',
      ['roles', 'educator', 'skills'],
      [{ skill: 'ai-literacy', level: 1, importance: 'optional' }],
    ),
  ],
]

test.each(warned)('rule 11 warns of %s and lets the ontology pass', (_what, place, message, ...changes) => {
  const { ontology, findings } = judgeOntology(brokenFolder(...changes))
  const found = findings.find(({ file, path }) => `${file} ${path.join('.')}` === place)
  expect(found).toMatchObject({ rule: 11, severity: 'warning', message: expect.stringMatching(message) })
  expect(ontology).toBeDefined()
})

test('the shipped ontology has no error, and the warnings that show gaps of the portfolio', () => {
  const { ontology, findings } = judgeOntology(brokenFolder())
  expect(ontology).toBeDefined()
  const warnings = findings.map(
    ({ rule, severity, message }) => `${severity} ${rule} ${message.replace(/\d/g, 'n')}`,
  )
  const count = (words: string) => warnings.filter((line) => line.includes(words)).length
  expect(count('error')).toBe(0)
  expect(count('taught by no module')).toBe(17)
  expect(count('taught up to')).toBe(48)
  expect(count('is missing')).toBe(0)
})

test('a finding names file, line, key path and rule', () => {
  const dir = brokenOntology(set('modules.yaml', ['modules', 'm-mlops', 'eqfLevel'], 9))
  expect(() => loadOntology(dir)).toThrow(
    /error modules\.yaml:\d+ modules\.m-mlops\.eqfLevel: must be a whole number from 1 to 8 \(rule 7\)/,
  )
})
