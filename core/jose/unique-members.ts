/**
 * Whether no object of a JSON text has two members of one name. Parsers disagree about which of the two counts, so
 * what nobody signed could show one thing here and another elsewhere (RFC 8259 §4). The text must be JSON.
 */
export function hasUniqueMembers(json: string): boolean {
  /** Of each object and array that is open: the names so far; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '{':
        open.push(new Set())
        break
      case '[':
        open.push(undefined)
        break
      case '}':
      case ']':
        open.pop()
        break
      case '"': {
        const end = endOfText(json, at)
        const names = open.at(-1)
        if (names && isFollowedByColon(json, end)) {
          // As it is meant: "a" is written in more than one way.
          const name = JSON.parse(json.slice(at, end)) as string
          if (names.has(name)) return false
          names.add(name)
        }
        at = end - 1
      }
    }
  }
  return true
}

/** Where a text ends, behind its quote. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0
    while (json[at - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return json.length
}

function isFollowedByColon(json: string, at: number): boolean {
  let next = at
  while (/[ \t\n\r]/.test(json[next] ?? '')) next++
  return json[next] === ':'
}
