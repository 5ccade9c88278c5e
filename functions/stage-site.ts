import { join } from 'node:path'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import { BadSettings, readSettings } from './settings.ts'
import { readSitesFile } from './sites-file.ts'

// `node functions/stage-site.ts`: lays this release's practicals into the shared folder of the site of
// `SITES_FILE`. To be run before the server starts with a new release, by whoever may write there.
const known = readSitesFile(readSettings(process.env).sitesFile)
if (!known) throw new BadSettings(['SITES_FILE: must be set'])
const programs = join(known.site.folder.here, 'programs')
stagePrograms(join(import.meta.dirname, '..'), programs)
console.log(`practicals of this release are at ${programs}`)
