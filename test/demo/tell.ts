/** Tells the demo to whoever watches: numbered steps, facts below them. */
export interface Teller {
  step(title: string): void
  fact(text: string): void
}

export function teller(write: (line: string) => void): Teller {
  let number = 0
  return {
    step(title) {
      number += 1
      write(`\n${number}. ${title}`)
    },
    fact(text) {
      write(`   ${text}`)
    },
  }
}
