import type { PortfolioGap as CoverageShape, PortfolioRow as RowShape } from '#core/gaps/portfolio-gap.ts'
import { builder } from './builder.ts'
import { Snapshot } from './gaps.ts'
import { Module } from './modules.ts'
import { Skill } from './skills.ts'

const PortfolioCoverage = builder.objectRef<CoverageShape>('PortfolioCoverage')
const SkillCoverage = builder.objectRef<RowShape>('SkillCoverage')

PortfolioCoverage.implement({
  description: 'What the catalogue teaches of what roles ask for. Says nothing of how many people hold it.',
  fields: (t) => ({
    snapshot: t.field({
      type: Snapshot,
      nullable: true,
      description: 'Where heads and seats come from; null before the first one.',
      resolve: ({ snapshot }) => snapshot,
    }),
    coveredCount: t.exposeInt('coveredCount'),
    coveredPercent: t.exposeFloat('coveredPercent'),
    rows: t.field({ type: [SkillCoverage], complexity: { multiplier: 20 }, resolve: ({ rows }) => rows }),
  }),
})

SkillCoverage.implement({
  fields: (t) => ({
    slug: t.exposeString('skill'),
    skill: t.field({
      type: Skill,
      nullable: true,
      resolve: ({ skill }, _args, { ports }) => ports.ontology.skills.get(skill),
    }),
    importance: t.exposeString('importance'),
    level: t.int({ description: 'Highest level asked for.', resolve: ({ level }) => level }),
    taughtTo: t.int({
      description: 'Highest level taught; 0 when no module does.',
      resolve: ({ taughtTo }) => taughtTo,
    }),
    covered: t.exposeBoolean('covered'),
    heads: t.exposeInt('heads', {
      nullable: true,
      description: 'Heads that need it at this level, as of the last snapshot.',
    }),
    seats: t.exposeInt('seats', {
      nullable: true,
      description: 'Seats of open offerings that reach the level, as of the last snapshot.',
    }),
    modules: t.field({
      type: [Module],
      description: 'Those that reach the level; those below it when none does.',
      resolve: ({ modules }) => modules,
    }),
  }),
})

builder.queryField('portfolioCoverage', (t) =>
  t.field({
    type: PortfolioCoverage,
    nullable: true,
    args: {
      role: t.arg.string({ description: 'Slug; all roles when absent.' }),
      sector: t.arg.string({ description: 'Slug; without role and sector, everything any sector asks for.' }),
    },
    complexity: 50,
    resolve: async (_root, { role, sector }, { ports }) => {
      const { portfolioGap } = await import('#core/gaps/portfolio-gap.ts')
      return portfolioGap({ ...(role ? { role } : {}), ...(sector ? { sector } : {}) }, ports)
    },
  }),
)
