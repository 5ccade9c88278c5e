import { existsSync, readdirSync, writeFileSync } from 'node:fs'

writeFileSync('out/artefact-list.json', JSON.stringify(existsSync('artefact') ? readdirSync('artefact') : []))
