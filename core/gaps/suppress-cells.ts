import { admitCounts, type CubeCounts, historyOf, stepMoves } from './admit-counts.ts'
import { mayShowAt, type PrivacyRules } from './cell-privacy.ts'
import type { DisclosureControl } from './disclosure-control.ts'
import { largeGroups } from './large-groups.ts'
import { cellName, type Layout, stages } from './places.ts'
import { protectCube } from './protect-cube.ts'
import { snapshotMethod } from './snapshot.ts'

/**
 * Suppression: counts of today are admitted or held, small groups are left out of larger ones, and what is
 * left is hidden or rounded. A pure function of the counts of both dates.
 */
export function suppressCells(layout: Layout, rules: PrivacyRules): DisclosureControl {
  return {
    method: snapshotMethod,

    async publish(before, counting) {
      const first = await counting.modules()
      const modules = admitCounts(
        before && part(before.admitted, before.seen, isOfModules),
        first.counts,
        rules,
      )
      const groups = largeGroups(modules, layout, rules)
      const second = await counting.skills(groups)
      const skills = admitCounts(before && part(before.admitted, before.seen, isOfSkills), second, rules)
      const admitted: CubeCounts = new Map([...modules, ...skills])
      // A median moves with the awards it was taken of, so that one award alone moves none.
      const issued = stages.indexOf('issued')
      const medianDays = Object.fromEntries(
        layout.modules.flatMap((module) => {
          const moves =
            !before || stepMoves(historyOf(everywhere(module), before, first.counts), issued, rules)
          const days = moves ? first.medianDays.get(module) : before.medianDays[module]
          return days === undefined ? [] : [[module, days] as const]
        }),
      )
      const shownDays = Object.entries(medianDays).filter(([module]) => {
        const cell = modules.get(everywhere(module))
        return cell !== undefined && mayShowAt(cell, issued, rules)
      })
      return {
        tables: protectCube(admitted, groups, layout, rules),
        medianDays: Object.fromEntries(shownDays),
        kept: { admitted, seen: new Map([...first.counts, ...second]), medianDays },
      }
    },
  }
}

const everywhere = (module: string) =>
  cellName({ table: 'everywhere', place: 'all', subject: `module:${module}` })

const isOfModules = (name: string) => /\/(module|award):/.test(name)
const isOfSkills = (name: string) => !isOfModules(name)

function part(admitted: CubeCounts, seen: CubeCounts, keep: (name: string) => boolean) {
  const only = (cube: CubeCounts) => new Map([...cube].filter(([name]) => keep(name)))
  return { admitted: only(admitted), seen: only(seen) }
}
