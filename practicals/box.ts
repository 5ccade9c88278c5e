import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'

/** A program of the learner, and everything it is to find in its box. */
export interface BoxedProgram {
  /** Folder of plain files; in the box `/artefact`, which nothing can write. */
  artefact: string
  /** Folder it may write to; in the box `/out`. */
  out?: string
  /** What to start: `['node', 'main.mjs']` or `['bash', 'job.sh']`, the file below the artefact. */
  program: readonly ['node' | 'bash', string]
  args?: readonly string[]
  /** All it gets of an environment, beside `PATH`. */
  environment?: Readonly<Record<string, string>>
  limits: { wallSeconds: number; cpuSeconds: number; fileBytes: number; openFiles: number }
}

/** A command to `spawn`; its whole environment is in it. */
export interface BoxedCommand {
  file: string
  args: string[]
  env: Record<string, string>
  cwd: string
}

const path = '/usr/bin:/bin'

/**
 * The command that runs a learner's program shut in, as `SKA_BOX` says: no network, no other process, no file
 * but its own, no variable but those given. Throws where the job was given no box. `none` is for one's own
 * machine: there the program runs beside everything else, under its limits alone.
 */
export function boxedCommand(
  program: BoxedProgram,
  { SKA_BOX: box, SKA_BOX_IMAGE: image }: { SKA_BOX?: string; SKA_BOX_IMAGE?: string },
): BoxedCommand {
  switch (box) {
    case 'bwrap':
      return { ...limited(program, bwrap(program)), env: { PATH: path }, cwd: '/' }
    case 'apptainer':
      if (!image) throw new Error('SKA_BOX_IMAGE is not set')
      return { ...limited(program, apptainer(program, image)), env: { PATH: path }, cwd: '/' }
    case 'none':
      return unboxed(program)
    default:
      throw new Error('this job was given no box for programs of learners')
  }
}

/** Throws unless the image of the box is the one the site names. Read whole, so once per job. */
export async function checkBoxImage({
  SKA_BOX: box,
  SKA_BOX_IMAGE: image,
  SKA_BOX_SHA256: expected,
}: {
  SKA_BOX?: string
  SKA_BOX_IMAGE?: string
  SKA_BOX_SHA256?: string
}): Promise<void> {
  if (box !== 'apptainer') return
  const hash = createHash('sha256')
  for await (const part of createReadStream(image ?? '')) hash.update(part as Buffer)
  if (hash.digest('hex') !== expected) throw new Error('the image of the box is not the one the site names')
}

// `env -i` comes by the environment of the command: what the job itself knows must not be in the box's first
// process, where everything in the box could read it.
function limited({ limits }: BoxedProgram, command: string[]): { file: string; args: string[] } {
  return {
    file: '/usr/bin/timeout',
    args: [
      '--kill-after=5',
      String(limits.wallSeconds),
      '/usr/bin/prlimit',
      '--core=0',
      `--cpu=${limits.cpuSeconds}`,
      `--nofile=${limits.openFiles}`,
      `--fsize=${limits.fileBytes}`,
      '--',
      ...command,
    ],
  }
}

/** No network, no other process, no home, no variable, no rights; of the system only what programs need to start. */
const bwrapFlags =
  '--unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --cap-drop ALL ' +
  '--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 ' +
  '--proc /proc --dev /dev --tmpfs /tmp --chdir /tmp'

function bwrap({ artefact, out, environment = {}, ...program }: BoxedProgram): string[] {
  const files = ['--ro-bind', process.execPath, '/node', '--ro-bind', artefact, '/artefact']
  const variables = Object.entries({ PATH: path, ...environment }).flatMap(([name, value]) => [
    '--setenv',
    name,
    value,
  ])
  return [
    'bwrap',
    ...bwrapFlags.split(' '),
    ...files,
    ...(out === undefined ? [] : ['--bind', out, '/out']),
    ...variables,
    '--',
    ...inside(program),
  ]
}

const apptainerFlags =
  '--silent exec --containall --no-home --cleanenv --no-privs --net --network none --pwd /tmp'

function apptainer({ artefact, out, environment = {}, ...program }: BoxedProgram, image: string): string[] {
  const binds = [
    `${process.execPath}:/node:ro`,
    `${artefact}:/artefact:ro`,
    ...(out === undefined ? [] : [`${out}:/out`]),
  ]
  return [
    'apptainer',
    ...apptainerFlags.split(' '),
    ...binds.flatMap((bind) => ['--bind', bind]),
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    image,
    ...inside(program),
  ]
}

function inside({
  program: [interpreter, file],
  args = [],
}: Pick<BoxedProgram, 'program' | 'args'>): string[] {
  return [interpreter === 'node' ? '/node' : 'bash', `/artefact/${basename(file)}`, ...args]
}

function unboxed({ artefact, out, program, args = [], environment = {} }: BoxedProgram): BoxedCommand {
  const [interpreter, file] = program
  return {
    file: interpreter === 'node' ? process.execPath : 'bash',
    args: [join(artefact, basename(file)), ...args],
    env: { PATH: process.env['PATH'] ?? path, ...environment },
    cwd: out ?? artefact,
  }
}
