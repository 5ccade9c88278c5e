import { Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { AcademyFunction } from './academy-function.ts'

interface Entry {
  id: string
  /** `rate(1 minute)`, `cron(0 2 * * ? *)`; UTC. */
  every: string
  calls: AcademyFunction
  input: object
}

/** Calls functions by the clock, under a role that may call those functions and nothing else. */
export class Timetable extends Construct {
  readonly #group: string
  readonly #role: Role
  readonly #dead: Queue

  constructor(scope: Construct, id: string, { name, dead }: { name: string; dead: Queue }) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    this.#group = name
    this.#dead = dead
    const group = new CfnScheduleGroup(this, 'Group', { name })
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnEquals: {
            'aws:SourceArn': `arn:${partition}:scheduler:${region}:${account}:schedule-group/${name}`,
          },
        },
      }),
    })
    this.#role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [dead.queueArn] }))
    this.node.addDependency(group)
  }

  add({ id, every, calls, input }: Entry): void {
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [calls.fn.functionArn] }),
    )
    new CfnSchedule(this, id, {
      groupName: this.#group,
      name: id,
      scheduleExpression: every,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: calls.fn.functionArn,
        roleArn: this.#role.roleArn,
        input: JSON.stringify(input),
        // The next one comes soon; what could not even be delivered is told to the operator.
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 },
        deadLetterConfig: { arn: this.#dead.queueArn },
      },
    })
  }
}
