import type { JsonObject } from '#core/edc/graph.ts'

export interface Mutation {
  name: string
  credential: JsonObject
  /** The official shapes are blind to this one. */
  oursAlone?: true
}

type Any = ReturnType<typeof JSON.parse>

/**
 * A credential broken in one place at a time: for each property of each class that occurs, the property
 * left out, emptied, given a wrong kind of value, doubled; and the ways that need thought, by hand.
 */
export function mutationsOf(credential: JsonObject): Mutation[] {
  const mutations: Mutation[] = []
  const change = (name: string, apply: (copy: Any) => void, oursAlone?: true) => {
    const copy: Any = structuredClone(credential)
    apply(copy)
    mutations.push({ name, credential: copy, ...(oursAlone ? { oursAlone } : {}) })
  }
  for (const { path, member, name } of properties(credential)) {
    const at = (copy: Any): Any => path.reduce((here: Any, step) => here[step], copy)
    change(`${name} left out`, (copy) => everyCopy(copy, at(copy), (thing) => delete thing[member]))
    change(`${name} empty`, (copy) => everyCopy(copy, at(copy), (thing) => (thing[member] = [])))
    change(`${name} of another class`, (copy) =>
      everyCopy(
        copy,
        at(copy),
        (thing) => (thing[member] = { id: 'urn:epass:wrong:1', type: 'ConceptScheme' }),
      ),
    )
    change(`${name} as a bare text`, (copy) =>
      everyCopy(copy, at(copy), (thing) => (thing[member] = 'urn:epass:nothing:1')),
    )
  }
  byHand(change)
  return mutations
}

/** All JSON objects of the same thing: the graph has only one of it. */
function everyCopy(root: Any, thing: Any, apply: (thing: Any) => void): void {
  const visit = (value: Any): void => {
    if (typeof value !== 'object' || value === null) return
    const members = Object.values(value)
    if (value === thing || (value.id !== undefined && value.id === thing.id)) apply(value)
    for (const member of members) visit(member)
  }
  visit(root)
}

/** One place for each class and property. */
function properties(root: JsonObject): { path: string[]; member: string; name: string }[] {
  const found = new Map<string, { path: string[]; member: string; name: string }>()
  const visit = (value: Any, path: string[]): void => {
    if (Array.isArray(value)) {
      for (const [position, entry] of value.entries()) visit(entry, [...path, String(position)])
      return
    }
    if (typeof value !== 'object' || value === null || value.type === undefined) return
    const type = [value.type].flat().at(-1)
    for (const [member, inner] of Object.entries(value)) {
      if (member.startsWith('@') || member === 'id' || member === 'type') continue
      const name = `${type}.${member}`
      if (!found.has(name)) found.set(name, { path, member, name })
      visit(inner, [...path, member])
    }
  }
  visit(root, [])
  return [...found.values()]
}

function byHand(change: (name: string, apply: (copy: Any) => void, oursAlone?: true) => void): void {
  const claim = (copy: Any) => copy.credentialSubject.hasClaim[0]
  const specification = (copy: Any) => claim(copy).specifiedBy
  change('issued as a date', (c) => (c.issued = '2026-11-20'))
  change('issued twice', (c) => (c.issued = ['2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z']))
  change('issued with a month 13', (c) => (c.issued = '2026-13-20T10:00:00Z'))
  change('issued without a zone', (c) => (c.issued = '2026-11-20T10:00:00'), true)
  change('title without a language', (c) => (c.displayParameter.title = 'x'))
  change('title twice in a language', (c) => (c.displayParameter.title = { en: ['a', 'b'] }))
  change('title twice the same', (c) => (c.displayParameter.title = { en: ['a', 'a'] }))
  change('title empty', (c) => (c.displayParameter.title = { en: ' ' }), true)
  change('name in two languages', (c) => (c.credentialSubject.fullName = { en: 'A', fr: 'B' }))
  change('a second issuer', (c) => (c.issuer = [c.issuer, { ...c.issuer, id: 'urn:epass:org:9' }]))
  change('a second claim', (c) => {
    c.credentialSubject.hasClaim.push({ ...claim(c), id: 'urn:epass:learningAchievement:9' })
  })
  change('EQF of another scheme', (c) => {
    specification(c).eqfLevel.inScheme.id = 'http://data.europa.eu/snb/isced-f/25831c2'
  })
  change('EQF in two schemes', (c) => {
    const { inScheme } = specification(c).eqfLevel
    specification(c).eqfLevel.inScheme = [inScheme, { id: 'urn:x:y', type: 'ConceptScheme' }]
  })
  change('EQF without an id', (c) => delete specification(c).eqfLevel.id)
  change('EQF level 99', (c) => (specification(c).eqfLevel.id = 'http://data.europa.eu/snb/eqf/99'), true)
  change('EQF twice', (c) => {
    const level = specification(c).eqfLevel
    specification(c).eqfLevel = [level, { ...level, id: 'http://data.europa.eu/snb/eqf/2' }]
  })
  change(
    'field of study that does not exist',
    (c) => (specification(c).thematicArea[0].id = 'http://data.europa.eu/snb/isced-f/9999'),
    true,
  )
  change(
    'mode of another list',
    (c) => everyCopy(c, specification(c).mode[0], (thing) => (thing.inScheme.id = 'urn:x:y')),
    true,
  )
  change(
    'credit framework that does not exist',
    (c) => {
      const framework = { ...specification(c).creditPoint[0].framework, id: 'urn:x:credit' }
      claim(c).creditReceived[0].framework = framework
      specification(c).creditPoint[0].framework = framework
    },
    true,
  )
  change('points as a number', (c) => {
    claim(c).creditReceived[0].point = 2
    specification(c).creditPoint[0].point = 2
  })
  change('page 0', (c) => (c.displayParameter.individualDisplay[0].displayDetail[0].page = 0))
  change('page 1.5', (c) => (c.displayParameter.individualDisplay[0].displayDetail[0].page = 1.5))
  change('page as text', (c) => (c.displayParameter.individualDisplay[0].displayDetail[0].page = '1'))
  change('duration in words', (c) => (specification(c).volumeOfLearning = '50 hours'))
  change('duration P', (c) => (specification(c).volumeOfLearning = 'P'))
  change('duration in days', (c) => (specification(c).volumeOfLearning = 'P3DT4H'))
  change('misspelt property', (c) => (specification(c).volumeOfLearnig = 'PT1H'))
  change('misspelt class', (c) => (specification(c).type = 'Qualifikation'))
  change('id that is no IRI', (c) => (c.issuer.id = 'org one'))
  change(
    'schema as a text',
    (c) => (c.credentialSchema = 'http://data.europa.eu/snb/model/ap/edc-generic-full'),
  )
  change('no eIDAS identifier anywhere', (c) =>
    everyCopy(c, c.issuer, (thing) => delete thing.eIDASIdentifier),
  )
  change('eIDAS identifier in one copy only', (c) => delete c.issuer.eIDASIdentifier)
  change('two eIDAS identifiers', (c) => {
    const other = { ...c.issuer.eIDASIdentifier, id: 'urn:epass:legalIdentifier:9', notation: 'VATLU-1' }
    c.issuer.eIDASIdentifier = [c.issuer.eIDASIdentifier, other]
  })
  change('one id for two things', (c) => (c.credentialSubject.id = c.issuer.id), true)
  change(
    'country outside the table',
    (c) => {
      const address = c.issuer.location[0].address
      everyCopy(c, address, (thing) => (thing.countryCode.id = `${thing.countryCode.inScheme.id}/ATLANTIS`))
    },
    true,
  )
  change('a property of another class', (c) => (c.credentialSubject.title = { en: 'Dr' }), true)
  change('a language that is none', (c) => (c.displayParameter.title = { 'not a tag': 'x' }))
  change('a person as awarding body', (c) => {
    claim(c).awardedBy.awardingBody = [{ ...c.credentialSubject, id: 'urn:epass:person:9', hasClaim: [] }]
  })
  change('the learner as awarding body', (c) => {
    claim(c).awardedBy.awardingBody = [{ id: c.credentialSubject.id, type: 'Person' }]
  })
  change('a claim that is an organisation', (c) => (c.credentialSubject.hasClaim = [c.issuer]))
  change('an achievement specified by an activity', (c) => {
    claim(c).specifiedBy = claim(c).influencedBy[0].specifiedBy
  })
  change('nothing at all', (c) => {
    for (const member of Object.keys(c)) if (!['@context', 'id', 'type'].includes(member)) delete c[member]
  })
}
