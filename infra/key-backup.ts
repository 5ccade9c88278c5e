import { Duration, type RemovalPolicy } from 'aws-cdk-lib'
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Schedule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import type { Deployment } from './deployment.ts'

/**
 * A daily copy of the learner keys in a vault of its own, under a key of its own, for few days: a table lost
 * would lose all personal data, and a copy that stayed would bring erased learners back. After a restore the
 * register of erasures is applied again (`npm run ops -- erase-again`).
 */
export class KeyBackup extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      table,
      deployment,
      removalPolicy,
    }: { table: TableV2; deployment: Deployment; removalPolicy: RemovalPolicy },
  ) {
    super(scope, id)
    const encryptionKey = new Key(this, 'Key', {
      description: `Backups of the learner keys of ${deployment.name}`,
      enableKeyRotation: true,
      removalPolicy,
    })
    const vault = new BackupVault(this, 'Vault', {
      backupVaultName: `${deployment.name}-learner-keys`,
      encryptionKey,
      removalPolicy,
    })
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: `${deployment.name}-learner-keys`,
      backupVault: vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'daily',
          scheduleExpression: Schedule.cron({ hour: '3', minute: '0' }),
          deleteAfter: Duration.days(deployment.keyBackupDays),
        }),
      ],
    })
    // The policy AWS ships for backups may copy every table of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('backup.amazonaws.com') })
    const allow = (actions: string[], ...resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }))
    allow(
      [
        'dynamodb:DescribeTable',
        'dynamodb:CreateBackup',
        'dynamodb:StartAwsBackupJob',
        'dynamodb:ListTagsOfResource',
      ],
      table.tableArn,
    )
    const backups = `${table.tableArn}/backup/*`
    allow(['dynamodb:DescribeBackup', 'dynamodb:DeleteBackup'], backups)
    allow(['backup:DescribeBackupVault', 'backup:CopyIntoBackupVault'], vault.backupVaultArn)
    plan.addSelection('LearnerKeys', {
      role,
      disableDefaultBackupPolicy: true,
      resources: [BackupResource.fromArn(table.tableArn)],
    })
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::<LearnerKeysC44953D6.Arn>/backup/*]':
        'The names of backups are made by AWS; all of them are of this one table.',
    })
  }
}
