import type { AcademyRole } from '#core/access/operations.ts'

/** An account of the embedded provider. `subject` equals `account`; names are invented. */
export interface DemoAccount {
  account: string
  /** Slug of the institution, or `platform`. */
  institution: string
  roles: readonly AcademyRole[]
  givenName: string
  familyName: string
  email: string
}

const northLake = 'north-lake'
const institutDuPort = 'institut-du-port'

/** Everybody who may sign in at the embedded provider: for trying the academy out, never for a real one. */
export const demoAccounts: readonly DemoAccount[] = [
  person('learner', northLake, ['learner'], 'Ada', 'Lindqvist'),
  person('learner2', northLake, ['learner'], 'Bruno', 'Keller'),
  person('assessor', northLake, ['assessor'], 'Grace', 'Okafor'),
  person('assessor2', northLake, ['assessor'], 'Henrik', 'Maas'),
  person('registrar', northLake, ['registrar'], 'Irène', 'Dubois'),
  person('registrar2', northLake, ['registrar'], 'Jonas', 'Petrov'),
  person('registrar-b', institutDuPort, ['registrar'], 'Chloé', 'Marin'),
  person('manager', 'platform', ['programme-manager'], 'Marta', 'Silva'),
  person('operator', 'platform', ['site-operator'], 'Otto', 'Virtanen'),
  person('curator', 'platform', ['curator'], 'Clara', 'Novak'),
  person('curator2', 'platform', ['curator'], 'Dario', 'Lehtonen'),
  person('employer', 'platform', ['employer'], 'Emil', 'Rossi'),
  person('platform', 'platform', ['platform-operator'], 'Paula', 'Weber'),
]

export function findDemoAccount(account: string): DemoAccount | undefined {
  return demoAccounts.find((candidate) => candidate.account === account)
}

function person(
  account: string,
  institution: string,
  roles: readonly AcademyRole[],
  givenName: string,
  familyName: string,
): DemoAccount {
  return { account, institution, roles, givenName, familyName, email: `${account}@${institution}.example` }
}
