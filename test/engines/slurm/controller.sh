#!/usr/bin/env bash
# controller.sh stop|start: takes the controller away from a running test Slurm and gives it back.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
case "${1:-}" in
  stop) stop_daemon slurmctld ;;
  start) start_controller ;;
  *) echo "usage: controller.sh stop|start" >&2; exit 1 ;;
esac
