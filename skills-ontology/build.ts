import type { Level, Mapping, Module, Ontology, Role, Sector, Skill } from '#core/skills/ontology.ts'
import type { Text } from '#core/text.ts'
import type { Source, SourceModule, SourceSkill } from './read-source.ts'

/**
 * Makes the ontology out of files that passed the rules.
 * The casts are what the rules guarantee: rule 3 both languages of a label, rule 4 levels of outcomes.
 */
export function buildOntology(source: Source): Omit<Ontology, 'digest'> {
  const { head, modules, roles, sectors, programmes, esco } = source
  return {
    id: head.id,
    version: head.version,
    title: head.title,
    description: head.description,
    licence: head.licence,
    attribution: head.attribution,
    levels: head.levels,
    domains: byId(head.domains),
    targetGroups: byId(head.targetGroups),
    modes: byId(head.modes),
    assessments: byId(head.assessments),
    supervisions: byId(head.supervision),
    fieldsOfStudy: byId(head.iscedF),
    schemes: head.schemes,
    skills: new Map([...source.skills].map(([id, skill]) => [id, buildSkill(id, skill, head)])),
    modules: mapWithId(modules, (id, module) => buildModule(id, module, source)),
    roles: mapWithId(roles, (id, { label, mappings, isco08, skills }): Role => {
      const built = mappings.map((mapping) => buildMapping(mapping, head))
      const role: Role = { id, label: label as Text, mappings: built, skills }
      return isco08 === undefined ? role : { ...role, isco08 }
    }),
    sectors: mapWithId(sectors, (id, sector): Sector => ({ ...sector, id, label: sector.label as Text })),
    programmes: mapWithId(programmes, (id, programme) => ({ id, ...programme })),
    escoLabels: new Map(Object.entries(esco.concepts).map(([uri, { label }]) => [uri, label])),
    demandSample: source.demand,
  }
}

function buildSkill(id: string, skill: SourceSkill, head: Source['head']): Skill {
  const { label, description, domain, emerging, status, replacedBy, deprecationReason } = skill
  return {
    id,
    domain,
    label: label as Text,
    description,
    emerging,
    status,
    ...(replacedBy === undefined ? {} : { replacedBy }),
    ...(deprecationReason === undefined ? {} : { deprecationReason }),
    broader: skill.broader,
    requires: skill.requires,
    mappings: skill.mappings.map((mapping) => buildMapping(mapping, head)),
  }
}

function buildModule(id: string, module: SourceModule, { head }: Source): Module {
  const { title, practical, qualityAssurance, outcomes, ...same } = module
  const statement = head.qualityAssurance[qualityAssurance]?.statement
  if (!statement) throw new Error('rule 1 lets no unknown quality assurance through')
  return {
    ...same,
    id,
    title: title as Text,
    qualityAssurance: statement,
    outcomes: outcomes.map((outcome) => ({
      ...outcome,
      skills: outcome.skills.map(({ skill, level }) => ({ skill, level: level as Level })),
    })),
    ...(practical === undefined ? {} : { practical: withoutUndefined(practical) }),
  }
}

function buildMapping(
  { approvedBy, approvedOn, ...mapping }: Source['roles'][string]['mappings'][number],
  { mappingsApproved }: Source['head'],
): Mapping {
  const [by, on] = [approvedBy ?? mappingsApproved?.by, approvedOn ?? mappingsApproved?.on]
  if (by === undefined || on === undefined) throw new Error('rule 8 lets no unapproved mapping through')
  return { ...withoutUndefined(mapping), approvedBy: by, approvedOn: on }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>
}

const byId = <T>(entries: Record<string, T>): Map<string, T> => new Map(Object.entries(entries))

function mapWithId<S, T>(entries: Record<string, S>, build: (id: string, entry: S) => T): Map<string, T> {
  return new Map(Object.entries(entries).map(([id, entry]) => [id, build(id, entry)]))
}
