import { expect, test } from 'vitest'
import { SiteMissing, slurmSite } from '#test/demo/slurm-site.ts'

test('npm run demo -- --site slurm without SLURM_REST_URL says what is missing and how to have a Slurm', () => {
  expect(() => slurmSite({})).toThrow(SiteMissing)
  expect(() => slurmSite({})).toThrow(/^--site slurm needs SLURM_REST_URL, SLURM_SITE_FOLDER, /)
  expect(() => slurmSite({})).toThrow('bash test/engines/slurm/start.sh')
  expect(() => slurmSite({ SLURM_CONF: '/etc/slurm/slurm.conf' })).toThrow(
    /^--site slurm needs SLURM_REST_URL\./,
  )
})

test('a Slurm elsewhere needs its folder and a token for each of the two accounts', () => {
  const elsewhere = { SLURM_REST_URL: 'https://slurm.example.org', SLURM_WORK_TOKEN_FILE: '/run/work' }
  expect(() => slurmSite(elsewhere)).toThrow(/needs SLURM_SITE_FOLDER, SLURM_GRADE_TOKEN_FILE\./)
})
