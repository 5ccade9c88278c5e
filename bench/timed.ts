/** What a piece of work answers, how long it took, and how much of all cores. */
export async function timed<T>(work: () => Promise<T>) {
  const before = performance.now()
  const cpu = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { result, seconds: (performance.now() - before) / 1000, cpuSeconds: (user + system) / 1_000_000 }
}
