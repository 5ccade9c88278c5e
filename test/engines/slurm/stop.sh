#!/usr/bin/env bash
# Stops the Slurm that start.sh of this clone started and takes its folder away; does nothing when there is none.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
[[ -f "$state/lock" ]] || exit 0
exec 9>"$state/lock"
flock 9
if pid_of slurmctld >/dev/null && pid_of slurmd >/dev/null; then
  # Jobs would outlive the daemons.
  for name in learner grader; do timeout 10 scancel -u "$name" >/dev/null 2>&1 || true; done
  until_true 75 bash -c '[[ -z "$(timeout 5 squeue -h)" ]]' || true
fi
stop_all
rm -rf -- "$state"
