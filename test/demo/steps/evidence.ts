import { decodeJwt } from 'jose'

/** What the credential itself says of the practical: a reader has nothing else. */
export interface CredentialEvidence {
  site: string
  partition: string | undefined
  gpus: number
  environment: string
  specDigest: string
  assurance: string
  assuranceLevel: number
  metrics: { name: string; value: number; unit: string; threshold?: number }[]
}

/** Reads the evidence out of a `jwt_vc_json` credential; throws when it holds other than one practical. */
export function evidenceIn(jwtVc: string): CredentialEvidence {
  const { vc } = decodeJwt<{ vc: { evidence?: WireEvidence[] } }>(jwtVc)
  const [one, ...more] = vc.evidence ?? []
  if (!one || more.length > 0) throw new Error('the credential should evidence one practical')
  return {
    site: one.site,
    partition: one.queue,
    gpus: one.hardware.gpus,
    environment: one.environment,
    specDigest: one.practical_digest,
    assurance: one.assurance,
    assuranceLevel: one.assurance_level,
    metrics: one.metrics,
  }
}

interface WireEvidence {
  site: string
  queue?: string
  hardware: { gpus: number }
  environment: string
  practical_digest: string
  assurance: string
  assurance_level: number
  metrics: CredentialEvidence['metrics']
}
