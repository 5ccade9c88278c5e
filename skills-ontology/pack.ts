import { writeFileSync } from 'node:fs'
import { loadShipped } from './load.ts'
import { packShipped } from './packed.ts'

// `node skills-ontology/pack.ts ONTOLOGY FILES`: the shipped ontology, judged, and apart from it the files it was
// made from, for the bundles of functions.
const [ontologyFile, filesFile] = process.argv.slice(2)
if (ontologyFile === undefined || filesFile === undefined) throw new Error('name the two files to write')
const { ontology, files } = loadShipped()
writeFileSync(ontologyFile, packShipped(ontology))
writeFileSync(filesFile, JSON.stringify([...files]))
