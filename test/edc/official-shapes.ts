import { readFileSync } from 'node:fs'
import jsonld from 'jsonld'
import { DataFactory, Parser, Store } from 'n3'
import { Validator } from 'shacl-engine'
import { statusContext } from '#core/edc/rules.ts'
import { ownContext } from '#core/edc/term-table.ts'
import { referencePath } from '../reference/reference-data.ts'

const edcContext = 'http://data.europa.eu/snb/model/context/edc-ap'
const credentialContext = 'https://www.w3.org/2018/credentials/v1'
const rdfType = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type'
const credentialClass = 'http://data.europa.eu/snb/model/elm/EuropeanDigitalCredential'

export interface OfficialVerdict {
  conforms: boolean
  /** `focus property constraint`, for people who read a failure. */
  reasons: string[]
}

function readJson(...parts: string[]): object {
  return JSON.parse(readFileSync(referencePath(...parts), 'utf8')) as object
}

function loaderOf(european: object) {
  const documents = new Map<string, object>([
    [credentialContext, readJson('edc', 'contexts', 'credentials-v1.jsonld')],
    [edcContext, european],
    [statusContext, readJson('edc', 'contexts', 'vc-bitstring-status-list-v1.jsonld')],
  ])
  return async (url: string) => {
    const document = documents.get(url)
    if (!document) throw new Error(`context ${url} is not at hand`)
    return { contextUrl: undefined, documentUrl: url, document } as never
  }
}

// Its types describe the synchronous answer of an older version.
const toNQuads = jsonld.toRDF as unknown as (document: object, options: object) => Promise<string>

/** The official context and shapes, read once from the reference data. */
export function officialJudge() {
  const official = loaderOf(readJson('edc', 'contexts', 'edc-ap.jsonld'))
  const own = loaderOf(ownContext())
  const shapes = new Store()
  for (const name of ['EDC-generic-full', 'EDC-generic-no-cv']) {
    shapes.addQuads(new Parser().parse(readFileSync(referencePath('edc', 'shapes', `${name}.ttl`), 'utf8')))
  }
  shapes.removeMatches(null, DataFactory.namedNode('http://www.w3.org/2002/07/owl#imports'), null)
  const factory = { ...DataFactory, dataset: () => new Store() }
  const validator = new Validator(shapes, { factory })

  return {
    /** Expanded by the official context, or by our own term table in its place. `safe`: nothing is dropped silently. */
    async expand(credential: object, context: 'official' | 'own'): Promise<unknown> {
      const documentLoader = context === 'official' ? official : own
      return jsonld.expand(credential as never, { documentLoader, safe: true } as never)
    },

    /**
     * What the official shapes say. A document that a strict JSON-LD processor refuses does not conform;
     * and neither does one without a `EuropeanDigitalCredential`, which the shapes would wave through.
     */
    async judge(credential: object, safe = true): Promise<OfficialVerdict> {
      let quads: string
      try {
        const options = { format: 'application/n-quads', documentLoader: official, safe }
        quads = await toNQuads(credential, options)
      } catch (error) {
        return { conforms: false, reasons: [`JSON-LD: ${(error as Error).message}`] }
      }
      const dataset = new Store(new Parser({ format: 'N-Quads' }).parse(quads))
      if (dataset.countQuads(null, rdfType, credentialClass, null) !== 1) {
        return { conforms: false, reasons: ['there is not exactly one EuropeanDigitalCredential'] }
      }
      const report = await validator.validate({ dataset })
      const reasons = report.results.map(
        ({ focusNode, path, constraintComponent }) =>
          `${focusNode?.term?.value} ${path?.[0]?.predicates?.[0]?.value} ${constraintComponent?.value}`,
      )
      return { conforms: report.conforms, reasons }
    },
  }
}
