import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'

writeFileSync('out/plain.txt', 'plain')
writeFileSync('out/large.txt', 'x'.repeat(5000))
symlinkSync('/etc/passwd', 'out/link.txt')
mkdirSync('out/folder.txt')
writeFileSync('twin', 'twin')
linkSync('twin', 'out/twin.txt')
