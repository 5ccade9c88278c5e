import { type RandomSource, seededRandom, skewedChoice } from './random.ts'
import { type Topic, topics } from './topics.ts'

/**
 * The training text: short lessons written by a grammar over our own table of topics. Everything a
 * lesson says about a topic is in the table, so a trained model can be asked for it.
 */
const sentences: readonly ((topic: Topic, adverb: string) => string)[] = [
  (t, adverb) => `${t.name} is ${adverb} used to ${t.purpose} .`,
  (t) => `to learn ${t.name} you first need ${t.needs} .`,
  (t, adverb) => `we ${adverb} measure ${t.name} by ${t.measure} .`,
  (t) => `a common mistake in ${t.name} is to ${t.mistake} .`,
  (t, adverb) => `at the factory ${t.name} ${adverb} runs on ${t.machine} .`,
  (t) => `question : what is ${t.name} used for ? answer : to ${t.purpose} .`,
  (t) => `question : what comes before ${t.name} ? answer : ${t.needs} .`,
  (t) => `question : how do we measure ${t.name} ? answer : by ${t.measure} .`,
]
const adverbs = ['often', 'today', 'mostly']

function lesson(random: RandomSource, topic: Topic): string {
  const left = [...sentences]
  const parts = [`lesson ${topic.name} .`]
  const count = 4 + Math.floor(random() * 3)
  for (let number = 0; number < count; number++) {
    // Choices are skewed on purpose: a clear favourite lets a sound engine be told from a broken one.
    const say = skewedChoice(random, left, 0.6)
    left.splice(left.indexOf(say), 1)
    parts.push(say(topic, skewedChoice(random, adverbs, 0.75)))
  }
  const next = topics[(topics.indexOf(topic) + 1) % topics.length] as Topic
  parts.push(`next : ${next.name} . end`)
  return parts.join(' ')
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value ^= value >>> 15
  return value >>> 0
}

/** One lesson in ten, chosen by its own words, is held out: no held-out lesson can occur in the training text. */
const isHeldOut = (text: string) => hash(text) % 10 === 0

/** `count` lessons of one side of the split, about topics drawn evenly. */
export function lessons(seed: number, count: number, side: 'training' | 'held-out'): string[] {
  const random = seededRandom(seed)
  const out: string[] = []
  while (out.length < count) {
    const text = lesson(random, topics[Math.floor(random() * topics.length)] as Topic)
    if (isHeldOut(text) === (side === 'held-out')) out.push(text)
  }
  return out
}

/** `count` openings of held-out lessons, `length` tokens each: prompts the model was never trained on word for word. */
export function prompts(seed: number, count: number, length: number): string[] {
  return lessons(seed, count, 'held-out').map((text) => text.split(' ').slice(0, length).join(' '))
}
