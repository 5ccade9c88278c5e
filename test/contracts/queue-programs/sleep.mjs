// Deaf to a polite request to end, as a badly written job is.
process.on('SIGTERM', () => {})
setTimeout(() => {}, 60_000)
