import { html } from 'hono/html'
import { inBoth } from './i18n/words.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

const statisticsWords = inBoth(
  {
    title: 'Statistics of missing skills',
    counted:
      'You agreed that your progress may count. It counts only in groups above a threshold, and never by name. You may leave whenever you like, without a reason; the next numbers are then made without you, and what you said of where you live and work is deleted.',
    notAsked:
      'You did not agree to be counted, so you count in no number. You may also say that you never want to, whatever is ticked when you enrol.',
    left: 'You count in no number published from now on, and what you said of where you live and work is deleted. Numbers published before stay as they are; nobody can be recognised in them.',
    leave: 'Leave me out',
    comeBack: 'Count me again, with what I say at my next enrolment',
  },
  {
    title: 'Statistiques des compétences manquantes',
    counted:
      'Vous avez accepté que vos progrès comptent. Ils ne comptent que dans des groupes au-dessus d’un seuil, et jamais par nom. Vous pouvez en sortir quand vous voulez, sans raison ; les prochains chiffres se feront sans vous, et ce que vous avez dit de votre lieu de vie et de travail est effacé.',
    notAsked:
      'Vous n’avez pas accepté de compter ; vous ne figurez donc dans aucun chiffre. Vous pouvez aussi dire que vous ne le voulez jamais, quoi que l’on coche à l’inscription.',
    left: 'Vous ne comptez dans aucun chiffre publié désormais, et ce que vous avez dit de votre lieu de vie et de travail est effacé. Ceux déjà publiés restent tels quels ; personne ne peut y être reconnu.',
    leave: 'Ne me comptez pas',
    comeBack: 'Comptez-moi à nouveau, avec ce que je dirai à ma prochaine inscription',
  },
)

/** Whether a learner counts in statistics, and the way out of them and back; `hidden` are the form's own fields. */
export function statisticsSection(
  { consented, objects }: { consented: boolean; objects: boolean },
  hidden: Html,
  language: Language,
): Html {
  const words = statisticsWords[language]
  return html`<h2 id="statistics">${words.title}</h2>
<p>${objects ? words.left : consented ? words.counted : words.notAsked}</p>
<form method="post" action="/me/statistics">${hidden}<input type="hidden" name="objects" value="${objects ? 'no' : 'yes'}">
<p class="actions"><button class="quiet">${objects ? words.comeBack : words.leave}</button></p></form>`
}
