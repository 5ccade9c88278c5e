for (let line = 0; line < 100; line++) console.log(`line ${line}`)
console.log('\nlast words')
