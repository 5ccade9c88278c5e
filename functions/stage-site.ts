import { join } from 'node:path'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import { BadSettings, readSettings } from './settings.ts'
import { parseSites, sitesFileText } from './sites-file.ts'

// `node functions/stage-site.ts [FOLDER]`: lays this release's practicals into the shared folder of each site of
// `SITES_FILE`; for a site without one below FOLDER, to be copied there. To be run before the server starts with
// a new release, by whoever may write there.
const { sitesFile } = readSettings(process.env)
const [folder] = process.argv.slice(2)
if (!sitesFile) throw new BadSettings(['SITES_FILE: must be set'])
const entries = parseSites(sitesFileText(sitesFile))
if (folder === undefined && entries.some(({ adapter }) => adapter === 'firecrest'))
  throw new BadSettings([
    'a site of adapter firecrest has no shared folder: name a folder to lay its programs in',
  ])
for (const entry of entries) {
  if (entry.adapter === 'local') continue
  const own = entry.adapter === 'slurmrest' ? entry.folder.here : join(folder ?? '', entry.name)
  const programs = join(own, 'programs')
  stagePrograms(join(import.meta.dirname, '..'), programs)
  const copy = entry.adapter === 'firecrest' ? `; copy them to ${join(entry.folder.there, 'programs')}` : ''
  console.log(`${entry.name}: practicals of this release are at ${programs}${copy}`)
}
