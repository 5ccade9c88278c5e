import { join } from 'node:path'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import { BadSettings, readSettings } from './settings.ts'
import { parseSites, sitesFileText } from './sites-file.ts'

// `node functions/stage-site.ts`: lays this release's practicals into the shared folder of each site of
// `SITES_FILE`. To be run before the server starts with a new release, by whoever may write there.
const { sitesFile } = readSettings(process.env)
if (!sitesFile) throw new BadSettings(['SITES_FILE: must be set'])
for (const entry of parseSites(sitesFileText(sitesFile))) {
  if (entry.adapter === 'local') continue
  const programs = join(entry.folder.here, 'programs')
  stagePrograms(join(import.meta.dirname, '..'), programs)
  console.log(`${entry.name}: practicals of this release are at ${programs}`)
}
