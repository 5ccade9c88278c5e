#!/usr/bin/env bash
# mint-token.sh USER SECONDS FILE: writes a token of the running test Slurm to a file only its reader may read.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
umask 077
token="$(scontrol token username="$1" lifespan="$2")"
printf '%s\n' "${token#SLURM_JWT=}" >"$3.next"
mv "$3.next" "$3"
