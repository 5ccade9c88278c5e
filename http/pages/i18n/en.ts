export const en = {
  academy: 'AI Skills Academy',
  skipToContent: 'Skip to the content',
  language: 'Language',
  languageName: 'English',
  mainNavigation: 'Main',
  nav: {
    skills: 'Skills',
    modules: 'Modules',
    path: 'Path',
    gaps: 'Skills gap',
    verify: 'Verify',
    me: 'My page',
  },
  footer: {
    line: 'Training in AI and generative AI, with practicals on the AI Factories.',
    checked: 'Credentials of the academy can be checked by anyone, free of charge and without an account.',
    ontology: 'The skills ontology',
    verify: 'Verify a credential',
  },
  home: {
    title: 'Learn AI by doing it. Prove it anywhere.',
    lead: 'The academy brings courses on AI and generative AI from many institutions to one place. You practise on real machines, and what you can do becomes a credential that any employer can check in seconds.',
    doors: 'Where would you like to go?',
    learner: {
      title: 'I want to learn',
      text: 'Find the skills a job asks for, see the shortest way from what you know, take the module and its practical, and keep the credential in your own wallet.',
      action: 'Browse the modules',
      second: 'See the path to a role',
    },
    employer: {
      title: 'I have been shown a credential',
      text: 'Paste it, upload it or open the link you were sent. You get a plain verdict and see which checks were made. Nothing to install, nothing to pay.',
      action: 'Verify a credential',
    },
    manager: {
      title: 'I plan training',
      text: 'See which skills are missing by sector and role, with figures safe to publish, and which module closes most of the gap.',
      action: 'See the skills gap',
    },
    figures: 'What is in the catalogue',
    skills: 'skills',
    modules: 'modules',
    roles: 'roles',
    sectors: 'sectors',
    version: (version: string) => `Skills ontology, version ${version}`,
    how: 'How it works',
    steps: {
      learn: {
        title: 'Learn',
        text: 'Each module says which skills it teaches, at which level and in how many hours.',
      },
      practise: {
        title: 'Practise',
        text: 'A practical runs as a real job. It is measured by a grader that is not your own code.',
      },
      collect: {
        title: 'Collect',
        text: 'A pass becomes a credential in your own wallet, with the evidence inside.',
      },
      show: {
        title: 'Show',
        text: 'An employer sees a verdict, the evidence and whether it is still valid.',
      },
    },
  },
  errors: {
    title: 'Something is in the way',
    code: 'Code',
    home: 'Go to the start page',
    signIn: 'Sign in',
    400: {
      title: 'This request is not complete',
      text: 'Something is missing or has the wrong form. Go back, check what you entered and try again.',
    },
    401: { title: 'Please sign in', text: 'This page is personal. Sign in to see it.' },
    403: { title: 'This is not open to you', text: 'Your account does not have the role for this page.' },
    404: {
      title: 'There is nothing here',
      text: 'The address may be mistyped, or what was here has expired or been withdrawn.',
    },
    409: {
      title: 'It has changed meanwhile',
      text: 'Somebody or something changed this in the meantime. Open the page again and look at the present state.',
    },
    413: { title: 'That is too large', text: 'What you sent is larger than this page accepts.' },
    429: {
      title: 'A little too fast',
      text: 'Too many requests came from your address. Wait a minute and try again.',
    },
    500: {
      title: 'Our mistake',
      text: 'Something failed on our side. Nothing you entered was lost on purpose; please try again in a moment.',
    },
    503: {
      title: 'Not available just now',
      text: 'A part of the academy does not answer. Please try again in a few minutes.',
    },
    507: {
      title: 'No room to save it',
      text: 'The storage of the academy is full. Nothing was saved; everything saved before is safe. Please try again later.',
    },
  },
}
