import { Stack, type StackProps } from 'aws-cdk-lib'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { type Academy, AcademyFunction } from './academy-function.ts'
import { allow } from './allow.ts'
import type { Site } from './deployment.ts'
import { Timetable } from './timetable.ts'
import { deadQueue, WorkQueue } from './work-queue.ts'

/** Where practicals are sent and looked after: for each site two functions, which alone have what opens it. */
export class PracticalsStack extends Stack {
  readonly functions: AcademyFunction[] = []
  /** By site: what tells its dispatcher that there is something to send. */
  readonly queues = new Map<string, WorkQueue>()
  /** What the timetable could not deliver. */
  readonly dead: Queue
  readonly #timetable: Timetable

  constructor(scope: Construct, id: string, academy: Academy, props: StackProps) {
    super(scope, id, props)
    const { name, sites = [] } = academy.deployment
    this.dead = deadQueue(this, 'PollsDead', `${name}-polls-dead`)
    this.#timetable = new Timetable(this, 'Timetable', { name: `${name}-practicals`, dead: this.dead })
    for (const site of sites) this.#site(site, academy)
  }

  #site(site: Site, academy: Academy): void {
    const { name } = academy.deployment
    const dispatcher = new AcademyFunction(this, 'dispatcher', academy, { site })
    const poller = new AcademyFunction(this, 'poller', academy, { site })
    const secret = academy.data.secrets.sites.get(site.name)
    for (const { fn } of [dispatcher, poller]) {
      fn.addEnvironment('SITE', site.name)
      if (!secret || !fn.role) continue
      fn.addEnvironment('SITE_SECRET', secret.secretArn)
      allow(fn.role, ['secretsmanager:GetSecretValue'], [secret.secretArn])
    }
    this.functions.push(dispatcher, poller)
    this.queues.set(
      site.name,
      new WorkQueue(this, `Dispatch-${site.name}`, {
        name: `${name}-dispatch-${site.name}`,
        worker: dispatcher,
        batchSize: 10,
        atOnce: 2,
      }),
    )
    // Sends what a lost bell has left, too.
    this.#timetable.add({ id: `poll-${site.name}`, every: 'rate(1 minute)', calls: poller, input: {} })
  }
}
