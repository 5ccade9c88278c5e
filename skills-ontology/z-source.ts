import * as z from 'zod'
import { zLevel } from '#core/parse.ts'

/**
 * The shapes of the files. Everything is strict: an unknown key is an error with its path.
 * What a numbered rule judges (ids, references, labels, outcome levels, EQF …) is left loose here,
 * so that the failure carries the rule's number.
 */
const zString = z.string().min(1).max(2000)
const zText = z.object({ en: zString, fr: zString }).catchall(zString)
const zLabel = z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is no language tag'), zString)
const zByKey = <T extends z.ZodType>(shape: T) => z.record(z.string(), shape)

const zSkillLevel = z.strictObject({ skill: z.string(), level: zLevel })
const zImportance = z.enum(['essential', 'optional'])
const zRoleSkill = zSkillLevel.extend({ importance: zImportance })
const zDay = z.iso.date('must be a day: YYYY-MM-DD')
const zMapping = z.strictObject({
  relation: z.enum(['exactMatch', 'closeMatch', 'broadMatch', 'narrowMatch']),
  scheme: z.enum(['esco', 'hpccf']),
  uri: zString.optional(),
  notation: zString.optional(),
  label: zString.optional(),
  approvedBy: zString.optional(),
  approvedOn: zDay.optional(),
})
const zCode = z.strictObject({ label: zText })
const zScheme = z.strictObject({
  title: zString,
  version: zString,
  iri: zString,
  acknowledgement: zString,
  changes: zString,
})

const zLevelEntry = z.strictObject({
  label: zText,
  descriptor: zText,
  eqfHint: z.array(z.int().min(1).max(8)),
})

export const zHeadFile = z.strictObject({
  id: zString,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a semantic version of three numbers'),
  title: zText,
  description: zText,
  licence: zString,
  attribution: zString,
  languages: z.strictObject({ required: z.array(z.string()), fallback: z.array(z.string()) }),
  levels: z.strictObject({ 1: zLevelEntry, 2: zLevelEntry, 3: zLevelEntry, 4: zLevelEntry }),
  domains: zByKey(zCode),
  targetGroups: zByKey(zCode),
  modes: zByKey(zCode),
  assessments: zByKey(
    zCode.extend({ readsJobResult: z.boolean().default(false), decidedByRun: z.boolean().default(false) }),
  ),
  supervision: z.strictObject({
    none: zCode,
    'online-unsupervised': zCode,
    'online-supervised': zCode,
    'on-site-supervised': zCode,
  }),
  qualityAssurance: zByKey(z.strictObject({ statement: zText })),
  iscedF: z.record(z.string().regex(/^\d{4}$/, 'must be a four-digit code'), zCode),
  schemes: z.strictObject({ esco: zScheme, hpccf: zScheme }),
  /** Of every mapping that does not name its own. */
  mappingsApproved: z.strictObject({ by: zString, on: zDay }).optional(),
})

export const zSkill = z.strictObject({
  label: zLabel,
  description: zLabel,
  emerging: z.boolean().default(false),
  status: z.enum(['live', 'deprecated']).default('live'),
  replacedBy: z.string().optional(),
  deprecationReason: zString.optional(),
  broader: z.array(z.string()).default([]),
  requires: z.array(zSkillLevel).max(20).default([]),
  mappings: z.array(zMapping).max(20).default([]),
})
export const zSkillsFile = z.strictObject({ domain: z.string(), skills: zByKey(zSkill) })

export const zModule = z.strictObject({
  title: zLabel,
  description: zText,
  targetGroups: z.array(z.string()).min(1),
  eqfLevel: z.number(),
  ects: z.number().positive(),
  workloadHours: z.number().positive(),
  iscedF: z.string(),
  languages: z.array(z.string().regex(/^[a-z]{2,3}$/, 'must be a language code')).min(1),
  mode: z.string(),
  assessment: z.string(),
  assessedByRun: z.boolean(),
  secondAssessor: z.literal(true).exactOptional(),
  passMarkPercent: z.number().min(0).max(100),
  supervision: z.enum(['none', 'online-unsupervised', 'online-supervised', 'on-site-supervised']),
  qualityAssurance: z.string(),
  stackability: z.strictObject({ partOf: z.array(z.string()).min(1), statement: zText }),
  practical: z
    .strictObject({
      kind: z.literal('compute'),
      id: zString.optional(),
      gpus: z.int().min(0).max(1024),
      maxMinutes: z.int().min(1).max(1440),
    })
    .optional(),
  entry: z.array(zSkillLevel).max(40).default([]),
  outcomes: z
    .array(
      z.strictObject({
        id: z.string(),
        statement: zText,
        skills: z.array(z.strictObject({ skill: z.string(), level: z.number() })).max(20),
      }),
    )
    .max(40),
})
export const zModulesFile = z.strictObject({ modules: zByKey(zModule) })

export const zRolesFile = z.strictObject({
  roles: zByKey(
    z.strictObject({
      label: zLabel,
      isco08: z
        .string()
        .regex(/^\d{4}$/, 'must be a four-digit code')
        .optional(),
      mappings: z.array(zMapping).max(20).default([]),
      skills: z.array(zRoleSkill).max(60),
    }),
  ),
})

export const zSectorsFile = z.strictObject({
  sectors: zByKey(
    z.strictObject({
      label: zLabel,
      nace21: z.array(z.string().regex(/^[A-V](\d{1,2}(\.\d{1,2})?)?$/, 'is no NACE Rev. 2.1 code')).min(1),
      overlay: z.array(zRoleSkill.extend({ role: z.string() })).max(100),
    }),
  ),
})

export const zProgrammesFile = z.strictObject({
  programmes: zByKey(z.strictObject({ title: zText, description: zText })),
})

export const zEscoFile = z.strictObject({
  version: zString,
  concepts: z.record(
    z
      .string()
      .regex(/^http:\/\/data\.europa\.eu\/esco\/(skill|occupation)\/[0-9a-f-]{36}$/, 'is no ESCO address'),
    z.strictObject({
      kind: z.enum(['skill', 'occupation']),
      label: zText.or(z.object({ en: zString }).catchall(zString)),
      versions: z.record(z.string(), zString).optional(),
    }),
  ),
})

export const zDemandRow = z.strictObject({
  role: z.string(),
  sector: z.string(),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code'),
  year: z.coerce.number().int().min(2000).max(2100),
  headcount: z.coerce.number().int().min(0).max(10_000_000),
})
