import type { Correction } from '#core/awards/correct-award.ts'
import type { ColumnSet } from '#core/csv/read-csv.ts'
import { safeCell } from '#core/csv/write-csv.ts'
import type { AwardId } from '#core/ids.ts'

export type CorrectColumn =
  | 'award_id'
  | 'account'
  | 'given_name'
  | 'family_name'
  | 'email'
  | 'score_percent'
  | 'awarded_on'
  | 'valid_until'
  | 'content_of_today'

/** Columns of a file of corrections: which award, and what is right. An empty cell leaves things as they are. */
export const correctColumns: ColumnSet<CorrectColumn> = {
  names: {
    award_id: ['award_id', 'award', 'titre'],
    account: ['account', 'student_number', 'compte', 'identifiant'],
    given_name: ['given_name', 'first_name', 'prenom'],
    family_name: ['family_name', 'last_name', 'nom', 'nom_de_famille'],
    email: ['email', 'e_mail', 'courriel'],
    score_percent: ['score_percent', 'score', 'note'],
    awarded_on: ['awarded_on', 'date', 'delivre_le'],
    valid_until: ['valid_until', 'valable_jusqu_au'],
    content_of_today: ['content_of_today', 'contenu_du_jour'],
  },
  needed: [
    ['award_id', 'account'],
    ['given_name', 'family_name', 'email', 'score_percent', 'awarded_on', 'valid_until', 'content_of_today'],
  ],
}

/** The cells that say what a correction says: for one that is given by form or by API. */
export function cellsOfCorrection(awardId: AwardId, correction: Correction): Record<string, string> {
  const { givenName, familyName, email, scorePercent, awardedOn, validUntil, contentOfToday } = correction
  const cells: Record<CorrectColumn, string | undefined> = {
    account: undefined,
    award_id: awardId,
    given_name: givenName && safeCell(givenName),
    family_name: familyName && safeCell(familyName),
    email: email && safeCell(email),
    score_percent: scorePercent === undefined ? undefined : String(scorePercent),
    awarded_on: awardedOn,
    valid_until: validUntil,
    content_of_today: contentOfToday ? 'yes' : undefined,
  }
  return Object.fromEntries(
    Object.entries(cells).flatMap(([column, cell]) => (cell === undefined ? [] : [[column, cell]])),
  )
}
