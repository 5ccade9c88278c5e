import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { brotliCompressSync, constants } from 'node:zlib'
import { parseEsco } from '#adapters/memory/esco-catalogue.ts'
import { aboutEsco, escoLimits } from '../operator-tasks.ts'
import type { OpsCommand } from '../ops.ts'
import { askTask, taskOptions } from './do-task.ts'

const help = [
  'npm run ops -- esco [FILE] --deployment NAME [--dry-run]',
  '',
  'Puts what `npm run ontology -- import esco FOLDER` wrote into the bucket of an academy on AWS, in the place of',
  'what is there; its functions search it within a minute. FILE is .data/esco.json when absent. About three',
  'languages fit: import a folder without the files of the others.',
  '',
  '  --deployment NAME  whose functions are asked under your own AWS credentials and region (AWS_PROFILE, AWS_REGION)',
  '  --dry-run          only say what would be put there',
  '  --json             the answer as JSON',
]

/** `npm run ops -- esco`: brings ESCO to an academy on AWS. */
export const escoCommand: OpsCommand = {
  summary: 'bring ESCO to an academy on AWS, to be searched and matched',
  async run(words) {
    const options = { ...taskOptions, 'dry-run': { type: 'boolean', default: false } } as const
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true })
    if (values.help) return help
    const [file = '.data/esco.json', ...more] = positionals
    if (more.length > 0) throw new Error(help.join('\n'))
    if (values.deployment === undefined)
      throw new Error('--deployment must name an academy on AWS; a server reads ESCO from its own DATA_DIR')
    const { compressed, about } = read(file)
    const result = { file, compressedBytes: compressed.length, ...about }
    if (!values['dry-run']) {
      const { esco } = await askTask(values.deployment, { do: 'esco', base64: compressed.toString('base64') })
      if (esco?.digest !== about.digest) throw new Error('the function kept another ESCO than it was given')
    }
    if (values.json) return [JSON.stringify({ dryRun: values['dry-run'], ...result })]
    const { skills, occupations, languages } = about
    return [
      `${values['dry-run'] ? 'would be put there' : 'put there'}: ${skills} skills, ${occupations} occupations (${languages.join(', ')}), ${Math.ceil(compressed.length / 1000)} KB`,
    ]
  },
}

function read(file: string) {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Error('FILE cannot be read; `npm run ontology -- import esco FOLDER` writes it')
  }
  const about = aboutOf(text)
  const compressed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
  if (compressed.length > escoLimits.compressedBytes)
    throw new Error(
      `FILE is ${compressed.length} bytes when compressed, and ${escoLimits.compressedBytes} is the most; fewer languages make it smaller`,
    )
  return { compressed, about }
}

function aboutOf(text: string) {
  try {
    return aboutEsco(parseEsco(text).header)
  } catch {
    throw new Error('FILE must be what `npm run ontology -- import esco FOLDER` wrote')
  }
}
