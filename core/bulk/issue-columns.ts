import * as z from 'zod'
import type { ColumnSet } from '#core/csv/read-csv.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Person } from '#core/learners/learner.ts'
import { zPerson } from '#core/learners/z-person.ts'
import { zId } from '#core/parse.ts'
import type { RowProblem } from './bulk-job.ts'
import { readCells } from './row-values.ts'

export type IssueColumn =
  | 'account'
  | 'learner_id'
  | 'given_name'
  | 'family_name'
  | 'email'
  | 'score_percent'
  | 'awarded_on'
  | 'valid_until'

/** Columns of a file of results, with the names spreadsheets in English and French give them. */
export const issueColumns: ColumnSet<IssueColumn> = {
  names: {
    account: ['account', 'student_number', 'compte', 'identifiant', 'numero_d_etudiant', 'numero_etudiant'],
    learner_id: ['learner_id', 'learner', 'apprenant'],
    given_name: ['given_name', 'first_name', 'firstname', 'prenom'],
    family_name: ['family_name', 'last_name', 'lastname', 'surname', 'nom', 'nom_de_famille'],
    email: ['email', 'e_mail', 'mail', 'courriel', 'adresse_electronique'],
    score_percent: ['score_percent', 'score', 'percent', 'result', 'note', 'resultat', 'pourcentage'],
    awarded_on: ['awarded_on', 'date', 'delivre_le', 'date_de_delivrance'],
    valid_until: ['valid_until', 'expires_on', 'valable_jusqu_au', 'valable_jusqua'],
  },
  needed: [['account', 'learner_id'], ['score_percent']],
}

/** A row of a file of results, as far as it can be understood without asking anybody. */
export interface IssueRow {
  account?: string
  learnerId?: LearnerId
  /** What the file says of the person; all of it is needed for somebody new. */
  person: Partial<Person>
  scorePercent: number
  awardedOn?: string
  validUntil?: string
}

/** What an account may be called: what identity providers put into `sub`. */
export const zAccount = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u)

/** The row's values, or everything that is wrong with it. */
export function parseIssueRow(
  cells: Readonly<Record<string, string>>,
): { row: IssueRow; problems: [] } | { row?: undefined; problems: RowProblem[] } {
  const read = readCells(cells)
  const account = read.text('account', zAccount, 'is not an account.')
  const learnerId = read.text('learner_id', zId('lrn'), 'is not an id of a learner.')
  const givenName = read.text('given_name', zPerson.shape.givenName, 'is not a name.')
  const familyName = read.text('family_name', zPerson.shape.familyName, 'is not a name.')
  const email = read.text('email', zPerson.shape.email, 'is not an e-mail address.')
  const scorePercent = read.number('score_percent', { least: 0, most: 100 })
  const awardedOn = read.date('awarded_on')
  const validUntil = read.date('valid_until')
  if (!cells['account'] && !cells['learner_id']) {
    read.problem('missing', 'account: is missing; so is learner_id.', 'account')
  }
  if (!cells['score_percent']) read.problem('missing', 'score_percent: is missing.', 'score_percent')
  if (read.problems.length > 0 || scorePercent === undefined) return { problems: read.problems }
  return {
    problems: [],
    row: {
      ...(account === undefined ? {} : { account }),
      ...(learnerId === undefined ? {} : { learnerId }),
      person: {
        ...(givenName === undefined ? {} : { givenName }),
        ...(familyName === undefined ? {} : { familyName }),
        ...(email === undefined ? {} : { email }),
      },
      scorePercent,
      ...(awardedOn === undefined ? {} : { awardedOn }),
      ...(validUntil === undefined ? {} : { validUntil }),
    },
  }
}
