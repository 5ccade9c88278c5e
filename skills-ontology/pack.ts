import { writeFileSync } from 'node:fs'
import { loadOntology } from './load.ts'
import { packOntology } from './packed.ts'

// `node skills-ontology/pack.ts FILE`: the shipped ontology, judged, for the bundles of functions.
const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('name the file to write')
writeFileSync(file, packOntology(loadOntology()))
