import { encodeHeader } from '#core/jose/jws.ts'
import type { Signer } from '#core/ports.ts'
import { disclosable, sharedElement, sharedMember, writeSdJwt } from '#core/sd-jwt/write-sd-jwt.ts'

/**
 * Writer of SD-JWTs of the size the bars were set with: 2.85 KB of claims, 15 disclosures, no certificates
 * in the header. Ours hides more and carries its chain; this one shows what that costs.
 */
export function referenceCredential(signer: Signer, random: (length: number) => Uint8Array) {
  const header = encodeHeader({ alg: 'ES256', typ: 'dc+sd-jwt', kid: signer.kid })
  const words = (length: number) => 'skills in artificial intelligence '.repeat(20).slice(0, length)
  const shown = {
    vct: 'https://academy.example/credentials/skill',
    achievement_title: words(60),
    achievement_description: words(600),
  }
  const members = JSON.stringify(shown).slice(1, -1)
  const shared: Record<string, string> = {}
  for (let number = 1; number <= 8; number++) shared[`claim_${number}`] = words(150)
  const course = Object.fromEntries(
    Object.entries(shared).map(([name, value]) => [name, sharedMember(name, value)]),
  )
  const skills = Array.from({ length: 4 }, (_, level) => ({
    id: `https://academy.example/skills/${level}`,
    name: words(90),
    level,
  }))
  const sharedSkills = skills.map(sharedElement)
  const claims = (jti: string) => {
    const now = Math.floor(Date.now() / 1000)
    return { iss: 'https://academy.example', iat: now - 60, exp: now + 86_400, jti }
  }
  const person = { family_name: 'Example', given_name: 'Ada', grade: 'passed, 90 %' }
  return {
    bytes: JSON.stringify({ ...shown, ...shared, ...claims('x'.repeat(22)), ...person, skills }).length,
    write: () =>
      writeSdJwt(
        {
          header,
          payload: {
            ...claims(Buffer.from(random(16)).toString('base64url')),
            family_name: disclosable(person.family_name),
            given_name: disclosable(person.given_name),
            grade: disclosable(person.grade),
            ...course,
            skills: sharedSkills,
          },
          members,
        },
        random,
        (bytes) => signer.sign(bytes),
      ),
  }
}
