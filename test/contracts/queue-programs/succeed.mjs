import { writeFileSync } from 'node:fs'

writeFileSync('out/result.txt', 'done')
