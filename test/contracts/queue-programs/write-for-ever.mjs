import { appendFileSync } from 'node:fs'

for (let file = 0; ; file++) appendFileSync(`out/${file}.bin`, Buffer.alloc(100_000))
