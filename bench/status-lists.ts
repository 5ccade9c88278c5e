import { randomInt } from 'node:crypto'
import { deflateSync, gzipSync } from 'node:zlib'
import { Bitstring } from '@digitalbazaar/bitstring'
import {
  createHeaderAndPayload,
  getListFromStatusListJWT,
  StatusList as SdJwtStatusList,
} from '@sd-jwt/jwt-status-list'
import type { StatusIndex } from '#core/credentials/credential.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { packBitstring } from '#core/credentials/pack-status-list.ts'
import { type ListToSign, signBitstring, signTokenStatusList } from '#core/credentials/sign-status-list.ts'
import {
  readBit,
  readStatus,
  statusValues,
  unpackBitstring,
  unpackTokenStatusList,
  writeBit,
  writeStatus,
} from '#core/credentials/status-list.ts'
import { parseJws, writeJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'
import { statusListRoutes } from '#http/status-lists.ts'
import { type benchAcademy, holderKeys } from './academy.ts'
import { type ContestOptions, contest } from './contest.ts'
import { bareSigner, benchKey } from './peers.ts'
import { judge, type Section } from './report.ts'

type Academy = Awaited<ReturnType<typeof benchAcademy>>

const size = 1_000_000
/** Two of a hundred are revoked or suspended. */
const changed = 20_000
const level = { level: 6 }

/** Status lists of a million entries: build, size, and the look-up of one, beside zlib and the usual libraries. */
export async function statusListSections(
  academy: Academy,
  options: ContestOptions,
  slack: number,
): Promise<Section[]> {
  const asked = await millionEntries(academy)
  // Some contenders need seconds for one list.
  const few = { ...options, rounds: Math.min(options.rounds, 7) }
  return [
    await building(asked, academy.ports, few, slack),
    await reading(asked, academy.ports, few, slack),
    await serving(asked, academy, few),
  ]
}

/** A list of the records with a place of an issued credential in it, and its entries that are not 0. */
async function millionEntries({ ports, award }: Academy): Promise<ListToSign & { place: StatusIndex }> {
  const { store } = ports
  const place = await store.drawStatusIndex(award.tenant, size)
  const { invalid, suspended } = statusValues
  // At random, as indexes are given: a pattern would compress to nothing.
  const drawn = new Set<number>()
  // Each once, as each is given once: two of one index are no two changes.
  while (drawn.size < changed) drawn.add(randomInt(size))
  const places = [...drawn]
  const of = (rest: number) =>
    places.filter((_, nth) => nth % 4 === rest).map((index) => ({ list: place.list, index }))
  for (const rest of [0, 1, 2]) await store.saveStatusValue(of(rest), invalid, 1)
  await store.saveStatusValue(of(3), suspended, 1)
  const [holderKey] = holderKeys(1)
  if (!holderKey) throw new Error('no holder key')
  const { status } = await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey }, ports)
  const read = await store.readStatusList(place.list)
  const institution = await store.findInstitution(award.tenant)
  if (!read || !institution || status.list !== place.list) throw new Error('the bench list is gone')
  return { ...read, institution, place: status }
}

async function building(
  asked: ListToSign,
  ports: Ports,
  options: ContestOptions,
  slack: number,
): Promise<Section> {
  const { entries } = asked
  const signBare = bareSigner(benchKey().privateKey)
  const twoBits = bytesOfTwoBits(entries)
  const oneBit = bytesOfOneBit(entries)
  const header = { alg: 'ES256', typ: 'statuslist+jwt' } as const
  const bySdJwt = async () => {
    const values = Array.from<number>({ length: size }).fill(0)
    for (const { index, value } of entries) values[index] = value
    const made = createHeaderAndPayload(new SdJwtStatusList(values, 2), { sub: 'list', iat: 1 }, header)
    return writeJws({ ...made.header, alg: 'ES256' }, made.payload, signBare)
  }
  const byDigitalBazaar = async () => {
    const bits = new Bitstring({ length: size })
    for (const { index } of entries) bits.set(index, true)
    return writeJws(header, { encodedList: `u${await bits.encodeBits()}` }, signBare)
  }
  const bits = async () => writeJws(header, { encodedList: packBitstring(bytesOfOneBit(entries)) }, signBare)

  const token = await signTokenStatusList(asked, ports)
  const bitstring = await signBitstring(asked, 'suspension', ports)
  const theirs = getListFromStatusListJWT(token)
  for (const { index, value } of entries) {
    if (theirs.getStatus(index) !== value) throw new Error('@sd-jwt reads something else')
  }
  const encoded = encodedListOf(bitstring)
  const buffer = await Bitstring.decodeBits({ encoded: encoded.slice(1) })
  const unpacked = new Bitstring({ buffer })
  if (!entries.every(({ index }) => unpacked.get(index))) throw new Error('Digital Bazaar reads another')

  const zlib = 'zlib alone, 2 bits'
  const figures = await contest(
    [
      { name: zlib, run: () => deflateSync(twoBits, level) },
      { name: 'token list: ours', run: () => signTokenStatusList(asked, ports) },
      { name: 'token list: @sd-jwt, our signer', run: bySdJwt },
      { name: 'gzip alone, 1 bit', run: () => gzipSync(oneBit, level) },
      { name: 'bitstring: ours', run: bits },
      { name: 'bitstring: Digital Bazaar, our signer', run: byDigitalBazaar },
    ],
    options,
  )
  return {
    title: `Build, compress and sign a status list of ${size.toLocaleString('en')} entries`,
    proved: [
      `@sd-jwt and Digital Bazaar read from ours each of the ${entries.length.toLocaleString('en')} entries that are not 0`,
      `token list ${kilobytes(token)}, bitstring ${kilobytes(bitstring)}`,
    ],
    figures,
    bars: judge(
      figures,
      [
        // At most 1.15 times what zlib needs.
        { figure: 'token list: ours', anchor: zlib, atLeast: 1 / 1.15 },
        { figure: 'token list: ours', anchor: 'token list: @sd-jwt, our signer', atLeast: 40 },
        { figure: 'bitstring: ours', anchor: 'bitstring: Digital Bazaar, our signer', atLeast: 2 },
      ],
      slack,
    ),
    notes: [],
  }
}

async function reading(
  asked: ListToSign,
  ports: Ports,
  options: ContestOptions,
  slack: number,
): Promise<Section> {
  const token = await signTokenStatusList(asked, ports)
  const encoded = encodedListOf(await signBitstring(asked, 'suspension', ports))
  const [{ index, value } = { index: 0, value: 0 }] = asked.entries
  const ours = async () => {
    const { list, bits } = await unpackTokenStatusList(
      parseJws(token).payload['status_list'],
      ports.primitives,
    )
    return readStatus(list, bits, index)
  }
  const oursOfBits = async () => readBit(await unpackBitstring(encoded, ports.primitives), index)
  const byDigitalBazaar = async () =>
    new Bitstring({ buffer: await Bitstring.decodeBits({ encoded: encoded.slice(1) }) }).get(index)
  if ((await ours()) !== value || !(await oursOfBits()) || !(await byDigitalBazaar()))
    throw new Error('the entry is read as something else')

  const figures = await contest(
    [
      { name: 'read one entry, token list: ours', run: ours },
      {
        name: 'read one entry, token list: @sd-jwt',
        run: () => getListFromStatusListJWT(token).getStatus(index),
      },
      { name: 'read one entry, bitstring: ours', run: oursOfBits },
      { name: 'read one entry, bitstring: Digital Bazaar', run: byDigitalBazaar },
    ],
    options,
  )
  return {
    title: 'Read one entry of a fresh list of a million: unpack, then look',
    proved: ['all read the same entry'],
    figures,
    bars: judge(
      figures,
      [
        {
          figure: 'read one entry, token list: ours',
          anchor: 'read one entry, token list: @sd-jwt',
          atLeast: 300,
        },
        {
          figure: 'read one entry, bitstring: ours',
          anchor: 'read one entry, bitstring: Digital Bazaar',
          atLeast: 3.5,
        },
      ],
      slack,
    ),
    notes: ['signatures are not verified here: neither of the peers does'],
  }
}

async function serving(
  { list, place, institution }: ListToSign & { place: StatusIndex },
  { ports }: Academy,
  options: ContestOptions,
): Promise<Section> {
  const app = statusListRoutes(ports)
  const path = `/status/${list.id}`
  if ((await app.request(path)).status !== 200) throw new Error('the list is not served')
  const figures = await contest(
    [
      {
        name: 'after a change: read, pack and sign',
        run: async () => {
          const read = await ports.store.readStatusList(list.id)
          return read && signTokenStatusList({ ...read, institution }, ports)
        },
      },
      { name: 'GET /status/{list}, already signed', run: async () => (await app.request(path)).text() },
      { name: 'our verifier: one place, in the records', run: () => ports.store.findStanding(place) },
    ],
    options,
  )
  return {
    title: 'Serve a status list of a million entries',
    proved: ['the list is answered with 200; the place is that of a credential that was issued'],
    figures,
    bars: [],
    notes: ['once at most in a window of changes: STATUS_LIST_WINDOW_SECONDS'],
  }
}

function bytesOfTwoBits(entries: ListToSign['entries']): Uint8Array {
  const bytes = new Uint8Array(size / 4)
  for (const { index, value } of entries) writeStatus(bytes, 2, index, value)
  return bytes
}

function bytesOfOneBit(entries: ListToSign['entries']): Uint8Array {
  const bytes = new Uint8Array(size / 8)
  for (const { index } of entries) writeBit(bytes, index, true)
  return bytes
}

function encodedListOf(token: string): string {
  const { encodedList } = parseJws(token).payload['credentialSubject'] as { encodedList: string }
  return encodedList
}

const kilobytes = (text: string) => `${Math.round(text.length / 1000)} kB`
