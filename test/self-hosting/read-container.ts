import { readFileSync } from 'node:fs'
import { type Copy, DockerfileParser, type From, type Instruction } from 'dockerfile-ast'
import { parse } from 'yaml'
import * as z from 'zod'

export const folder = 'infra/self-hosting'

/** What the last stage of the container file makes: what is in the image, and how it begins. */
export interface Image {
  /** Paths of the project that are copied into it, or into what it is made from. */
  copied: string[]
  environment: Record<string, string>
  user: string
  command: string[]
  healthCheck: string[]
  bases: string[]
}

export function readImage(text = readFileSync(`${folder}/Containerfile`, 'utf8')): Image {
  const file = DockerfileParser.parse(text)
  const argument = (name: string) => file.getARGs().find((one) => one.getProperty()?.getName() === name)
  const instructions = file.getInstructions()
  const lastFrom = instructions.findLastIndex((one) => one.getKeyword() === 'FROM')
  const own = instructions.slice(lastFrom)
  const last = (keyword: string) => own.findLast((one) => one.getKeyword() === keyword)
  return {
    copied: file
      .getCOPYs()
      .filter((copy: Copy) => copy.getFromFlag() === null)
      .flatMap((copy) => words(copy).slice(0, -1)),
    environment: Object.fromEntries(
      file
        .getENVs()
        .flatMap((env) => env.getProperties().map((one) => [one.getName(), one.getValue() ?? ''])),
    ),
    user: last('USER')?.getArgumentsContent() ?? 'root',
    command: list(last('CMD')),
    healthCheck: list(last('HEALTHCHECK')),
    bases: file.getFROMs().map((from: From) => {
      const image = from.getImage() ?? ''
      const name = /^\$\{(\w+)\}$/.exec(image)?.[1]
      return name === undefined ? image : (argument(name)?.getProperty()?.getValue() ?? image)
    }),
  }
}

const words = (instruction: Instruction) => instruction.getArguments().map((word) => word.getValue())

/** The program and its arguments, of an instruction that names them as a JSON list. */
function list(instruction: Instruction | undefined): string[] {
  const json = /\[[^\]]*\]\s*$/.exec(instruction?.getArgumentsContent() ?? '')?.[0]
  return json === undefined ? [] : z.array(z.string()).parse(JSON.parse(json))
}

const zService = z.looseObject({
  image: z.string().optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  privileged: z.boolean().default(false),
  security_opt: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  /** With what stands for a variable of the host that is not set: `${NAME:-this}`. */
  environment: z
    .record(
      z.string(),
      z.string().transform((text) => text.replace(/^\$\{\w+:-(.*)\}$/, '$1')),
    )
    .default({}),
  secrets: z.array(z.string()).default([]),
  volumes: z
    .array(
      z.looseObject({
        type: z.string(),
        source: z.string(),
        target: z.string(),
        read_only: z.boolean().optional(),
      }),
    )
    .default([]),
  deploy: z.looseObject({
    resources: z.looseObject({
      limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.number() }).partial().default({}),
    }),
  }),
})
const zCompose = z.looseObject({
  services: z.record(z.string(), zService),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
  secrets: z.record(z.string(), z.looseObject({ file: z.string().optional() })),
})
export type Compose = z.output<typeof zCompose>

export function readCompose(text = readFileSync(`${folder}/compose.yaml`, 'utf8')): Compose {
  return zCompose.parse(parse(text, { merge: true }))
}

/** What makes it easier to break in, to break out, or to take all of a machine; by its place. */
export function problemsOf({ services, networks, secrets }: Compose): string[] {
  const problems = Object.entries(services).flatMap(([name, service]) => {
    const { cpus, memory, pids } = service.deploy.resources.limits
    const isReached = service.ports.length > 0
    const found: [boolean, string][] = [
      [!/^[1-9]\d*:/.test(service.user ?? ''), 'user: must not be root'],
      [isReached && service.read_only !== true, 'read_only: must be true where others come in'],
      [!service.cap_drop.includes('ALL'), 'cap_drop: must be ALL'],
      [service.cap_add.length > 0 || service.privileged, 'cap_add: nothing may be added'],
      [!service.security_opt.includes('no-new-privileges:true'), 'security_opt: no-new-privileges:true'],
      [cpus === undefined || memory === undefined || pids === undefined, 'limits: cpus, memory and pids'],
      [service.ports.some((port) => !/^0\.0\.0\.0:443:8443$/.test(port)), 'ports: none but TLS'],
      [
        !isReached && service.networks.some((network) => networks[network]?.internal !== true),
        'networks: must be internal',
      ],
      [
        service.volumes.some(({ type, read_only }) => type === 'bind' && read_only !== true),
        'volumes: a folder of the machine must be read-only',
      ],
      [
        Object.keys(service.environment).some((key) => /PASSWORD$|SECRET$|TOKEN$|AUTH$/.test(key)),
        'environment: no secret',
      ],
      [
        service.image !== undefined && !/:[\w.-]*\d+\.\d+/.test(service.image),
        'image: a release by its number',
      ],
    ]
    return found.filter(([wrong]) => wrong).map(([, problem]) => `${name}: ${problem}`)
  })
  const inline = Object.entries(secrets).filter(([, { file }]) => file === undefined)
  return [...problems, ...inline.map(([name]) => `secrets: ${name}: must be a file`)]
}
