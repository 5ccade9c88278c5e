import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAllBeneath } from './read-beneath.ts'

// The first step of a grade job, under the grade account: copies the plain files of a work job's `out` folder
// into the grade job's own. Links, pipes, folders and files of another owner are left behind. What a leftover
// process of the learner does to the originals afterwards changes nothing.
const [from = '', key = '', to = '', maxBytes = '0'] = process.argv.slice(2)
if (!/^ska-[a-z2-7]{24}$/.test(key)) throw new Error('the key of the work job has the wrong form')
mkdirSync(to, { mode: 0o700 })
for (const { name, bytes } of readAllBeneath(from, [key, 'out'], {
  maxFiles: 64,
  maxBytes: Number(maxBytes),
})) {
  writeFileSync(join(to, name), bytes, { mode: 0o400 })
}
