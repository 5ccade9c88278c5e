const line = 'x'.repeat(65_536)
const print = () => process.stdout.write(line, print)
print()
