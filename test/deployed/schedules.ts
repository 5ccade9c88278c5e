import * as z from 'zod'
import { isAllowed, statementsOf } from './policy.ts'
import type { Assembly } from './read-assembly.ts'

const zSchedule = z.object({
  Name: z.string(),
  GroupName: z.string(),
  ScheduleExpression: z.string(),
  Target: z.object({ Arn: z.string(), RoleArn: z.string(), Input: z.string() }),
})

export interface Scheduled {
  name: string
  every: string
  functionArn: string
  input: unknown
}

/** The timetable of the templates. One whose role may not call its function is an error. */
export function schedulesOf(assembly: Assembly): Scheduled[] {
  return assembly.ofType('AWS::Scheduler::Schedule').map(({ properties }) => {
    const { Name: name, ScheduleExpression: every, Target } = zSchedule.parse(properties)
    const role = assembly.byArn(Target.RoleArn)
    if (!role) throw new Error(`the schedule ${name} has no role`)
    const needed = { action: 'lambda:InvokeFunction', resource: Target.Arn }
    if (!isAllowed(statementsOf(role.name, assembly), needed))
      throw new Error(`the role of the schedule ${name} may not call its function`)
    return { name, every, functionArn: Target.Arn, input: JSON.parse(Target.Input) }
  })
}
