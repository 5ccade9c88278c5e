import forge from 'node-forge'

/**
 * The private key and the certificates of a PKCS #12 file (RFC 7292) as PEM, the form everything else here
 * reads. Throws with what is wrong, never with a part of the file or of the password.
 */
export function pemOfPkcs12(bytes: Uint8Array, password: string): string {
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids as Record<string, string>
  const file = open(bytes, password)
  const bags = (type: string | undefined) => (type ? (file.getBags({ bagType: type })[type] ?? []) : [])
  const pem = (label: string, bag: forge.pkcs12.Bag) => {
    const der = Buffer.from(forge.asn1.toDer(bag.asn1).getBytes(), 'latin1').toString('base64')
    return `-----BEGIN ${label}-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`
  }
  return [
    ...[...bags(keyBag), ...bags(pkcs8ShroudedKeyBag)].map((bag) => pem('PRIVATE KEY', bag)),
    ...bags(certBag).map((bag) => pem('CERTIFICATE', bag)),
  ].join('')
}

function open(bytes: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  let asn1: forge.asn1.Asn1
  try {
    asn1 = forge.asn1.fromDer(Buffer.from(bytes).toString('latin1'))
  } catch {
    throw new Error('is not a PKCS #12 file')
  }
  try {
    return withoutReading(() => forge.pkcs12.pkcs12FromAsn1(asn1, false, password))
  } catch {
    throw new Error('does not open: its password is another, or it is damaged')
  }
}

/**
 * The library would read keys and certificates and write them again from what it understood of them, and it
 * knows RSA only. What it cannot read it hands out untouched: so for this call it can read none.
 */
function withoutReading<T>(work: () => T): T {
  const { certificateFromAsn1, privateKeyFromAsn1 } = forge.pki
  const refuse = () => {
    throw new Error('left as it is')
  }
  Object.assign(forge.pki, { certificateFromAsn1: refuse, privateKeyFromAsn1: refuse })
  try {
    return work()
  } finally {
    Object.assign(forge.pki, { certificateFromAsn1, privateKeyFromAsn1 })
  }
}
