import { html } from 'hono/html'
import { byteOrderMark, csvTable } from '#core/csv/write-csv.ts'
import { demandLimits } from '#core/gaps/demand-limits.ts'
import { type DemandProblem, demandColumns } from '#core/gaps/read-demand.ts'
import type { DemandUploads, UploadedDemand } from '#core/gaps/upload-demand.ts'
import type { Ports } from '#core/ports.ts'
import type { DemandRow } from '#core/skills/ontology.ts'
import { field, note, table, tag } from '../components.ts'
import { dateAndTime } from '../dates.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { gapNames } from './names.ts'

const demandWords = inBoth(
  {
    lead: 'How many people of which role a sector needs, and in which country. The next snapshot compares what learners hold with it.',
    inForce: 'In force',
    inForceNow: 'In force:',
    sample: 'The shipped sample (invented numbers)',
    uploads: 'Files uploaded so far',
    uploadsCaption: 'Files of demand, newest first; each can be put in force again',
    file: 'File',
    at: 'Uploaded',
    rows: 'Rows',
    heads: 'People',
    years: 'Years',
    restore: 'Put in force again',
    restoreSample: 'Put the sample in force again',
    none: 'No file was uploaded yet.',
    title: 'Upload a file',
    choose: 'CSV file',
    hint: (rows: string, size: string) =>
      `Columns role, sector, country, year, headcount; country and year may be left out. Roles and sectors by their short name or as this site calls them; countries by their two letters. At most ${rows} rows and ${size} MiB.`,
    template: 'Take the demand in force as a file to begin with',
    check: 'Only check',
    upload: 'Check and upload',
    nextSnapshot: 'It counts from the next snapshot on.',
    missing: 'Choose a file first.',
    counted: (rows: number, heads: number, plain: (value: number) => string) =>
      `${plain(rows)} ${rows === 1 ? 'row' : 'rows'}, ${plain(heads)} people`,
    checked: (counted: string) => `The file is sound: ${counted}. Nothing was kept yet.`,
    uploaded: (counted: string) => `The file is in force: ${counted}.`,
    wrong: (count: number) =>
      `The file has ${count === 1 ? 'a mistake' : `${count} mistakes`}; nothing was kept. Mend it and upload it again.`,
    problems: 'Mistakes in the file',
    row: 'Row',
    column: 'Column',
    what: 'What is wrong',
    codes: {
      not_text: 'This is not text in UTF-8 or UTF-16. In a spreadsheet, save it as “CSV UTF-8”.',
      too_large: 'The file is too large.',
      empty_file: 'There is no row in it.',
      column_missing: 'The column is missing.',
      column_twice: 'The column is there twice.',
      cells_wrong: 'The row has more or fewer cells than the header.',
      quote_broken: 'A quote is opened and not closed.',
      role_unknown: 'There is no such role.',
      sector_unknown: 'There is no such sector.',
      country_unknown: 'There is no such country here.',
      year_wrong: 'This is not a year that can be meant.',
      heads_wrong: 'This is not a whole number.',
      heads_negative: 'A number of people cannot be negative.',
      heads_too_many: 'These are more people than can be meant.',
      formula: 'This is a formula; put the value itself.',
      row_twice: 'The same role, sector, country and year stand in a row above.',
      too_many_rows: 'The file has too many rows.',
    },
  },
  {
    lead: 'Combien de personnes de quel métier il faut à un secteur, et dans quel pays. Le prochain instantané y compare ce que possèdent les apprenants.',
    inForce: 'En vigueur',
    inForceNow: 'En vigueur :',
    sample: 'L’exemple fourni (chiffres inventés)',
    uploads: 'Fichiers déposés jusqu’ici',
    uploadsCaption: 'Fichiers de demande, le plus récent d’abord ; chacun peut être remis en vigueur',
    file: 'Fichier',
    at: 'Déposé',
    rows: 'Lignes',
    heads: 'Personnes',
    years: 'Années',
    restore: 'Remettre en vigueur',
    restoreSample: 'Remettre l’exemple en vigueur',
    none: 'Aucun fichier n’a encore été déposé.',
    title: 'Déposer un fichier',
    choose: 'Fichier CSV',
    hint: (rows: string, size: string) =>
      `Colonnes role, sector, country, year, headcount ; country et year peuvent manquer. Métiers et secteurs par leur nom court ou comme ce site les nomme ; pays par leurs deux lettres. Au plus ${rows} lignes et ${size} Mio.`,
    template: 'Reprendre la demande en vigueur comme fichier de départ',
    check: 'Vérifier seulement',
    upload: 'Vérifier et déposer',
    nextSnapshot: 'Elle compte à partir du prochain instantané.',
    missing: 'Choisissez d’abord un fichier.',
    counted: (rows: number, heads: number, plain: (value: number) => string) =>
      `${plain(rows)} ${rows < 2 ? 'ligne' : 'lignes'}, ${plain(heads)} ${heads < 2 ? 'personne' : 'personnes'}`,
    checked: (counted: string) => `Le fichier est correct : ${counted}. Rien n’a encore été conservé.`,
    uploaded: (counted: string) => `Le fichier est en vigueur : ${counted}.`,
    wrong: (count: number) =>
      `Le fichier comporte ${count === 1 ? 'une erreur' : `${count} erreurs`} ; rien n’a été conservé. Corrigez-le et déposez-le à nouveau.`,
    problems: 'Erreurs dans le fichier',
    row: 'Ligne',
    column: 'Colonne',
    what: 'Ce qui ne va pas',
    codes: {
      not_text:
        'Ce n’est pas du texte en UTF-8 ou UTF-16. Dans un tableur, enregistrez-le comme « CSV UTF-8 ».',
      too_large: 'Le fichier est trop grand.',
      empty_file: 'Il ne contient aucune ligne.',
      column_missing: 'La colonne manque.',
      column_twice: 'La colonne figure deux fois.',
      cells_wrong: 'La ligne a plus ou moins de cases que l’en-tête.',
      quote_broken: 'Un guillemet est ouvert et n’est pas fermé.',
      role_unknown: 'Ce métier n’existe pas.',
      sector_unknown: 'Ce secteur n’existe pas.',
      country_unknown: 'Ce pays ne figure pas ici.',
      year_wrong: 'Ce n’est pas une année plausible.',
      heads_wrong: 'Ce n’est pas un nombre entier.',
      heads_negative: 'Un nombre de personnes ne peut être négatif.',
      heads_too_many: 'C’est plus de personnes qu’il n’est plausible.',
      formula: 'C’est une formule ; indiquez la valeur elle-même.',
      row_twice: 'Les mêmes métier, secteur, pays et année figurent dans une ligne ci-dessus.',
      too_many_rows: 'Le fichier a trop de lignes.',
    },
  },
)

/** Hidden fields of a form, with a request id of its own each time. */
type Hidden = () => Html

/** Which demand is in force, uploading another, and going back; `outcome` is what came of a file just sent. */
export function demandView(
  uploads: DemandUploads,
  outcome: (UploadedDemand & { fileName: string; dryRun: boolean }) | 'missing' | undefined,
  hidden: Hidden | undefined,
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const text = demandWords[language]
  const show = gapNames(language, ports)
  const inForce = uploads.sets.find(({ id }) => id === uploads.inForce)
  return html`<p class="lead">${text.lead}</p>
${outcome === undefined ? '' : result(outcome, language, ports)}
<p><strong>${text.inForceNow}</strong> ${inForce ? `${inForce.fileName} · ${dateAndTime(inForce.uploadedAt, language)}` : text.sample} <span class="soft">${text.nextSnapshot}</span></p>
${hidden ? uploadForm(hidden, language, show.plain) : ''}
<h2>${text.uploads}</h2>
${
  uploads.sets.length === 0
    ? html`<p class="soft">${text.none}</p>`
    : table(
        text.uploadsCaption,
        [
          { title: text.file },
          { title: text.at },
          { title: text.rows, number: true },
          { title: text.heads, number: true },
          { title: text.years },
          { title: '' },
        ],
        uploads.sets.map((set) => [
          set.fileName,
          dateAndTime(set.uploadedAt, language),
          show.plain(set.rows),
          show.plain(set.heads),
          set.years.join(', '),
          set.id === uploads.inForce
            ? tag(text.inForce, 'good')
            : hidden
              ? html`<form method="post" action="/gaps/demand/restore">${hidden()}<input type="hidden" name="id" value="${set.id}"><button class="quiet">${text.restore}</button></form>`
              : '',
        ]),
      )
}
${uploads.inForce && hidden ? html`<form method="post" action="/gaps/demand/restore">${hidden()}<p class="actions"><button class="quiet">${text.restoreSample}</button></p></form>` : ''}`
}

function uploadForm(hidden: Hidden, language: Language, plain: (value: number) => string): Html {
  const text = demandWords[language]
  return html`<h2>${text.title}</h2>
<form method="post" action="/gaps/demand" enctype="multipart/form-data">${hidden()}
${field({
  name: 'file',
  label: text.choose,
  hint: text.hint(plain(demandLimits.rows), plain(demandLimits.bytes / 1024 / 1024)),
  control: (attributes) => html`<input ${attributes} type="file" accept=".csv,text/csv,text/plain">`,
})}
<p><a href="/gaps/demand.csv" download>${text.template}</a></p>
<p class="actions"><button name="action" value="upload">${text.upload}</button><button class="quiet" name="action" value="check">${text.check}</button></p>
</form>`
}

function result(
  outcome: (UploadedDemand & { fileName: string; dryRun: boolean }) | 'missing',
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const text = demandWords[language]
  const show = gapNames(language, ports)
  if (outcome === 'missing') return note(text.missing, 'bad')
  const { problems, rows, heads, dryRun, fileName } = outcome
  if (problems.length === 0) {
    return note((dryRun ? text.checked : text.uploaded)(text.counted(rows, heads, show.plain)))
  }
  return html`${note(text.wrong(problems.length), 'bad')}
${table(
  `${text.problems} (${fileName})`,
  [{ title: text.row, number: true }, { title: text.column }, { title: text.what }],
  problems.map((problem: DemandProblem) => [
    problem.row,
    problem.column === null ? '–' : html`<code>${problem.column}</code>`,
    text.codes[problem.code],
  ]),
)}`
}

/** Rows of demand as the file that can be uploaded again. */
export function demandCsv(rows: readonly DemandRow[]): string {
  return byteOrderMark + csvTable(demandColumns, rows)
}
