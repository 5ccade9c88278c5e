#!/usr/bin/env bash
ACCOUNTING=1 exec bash "$(dirname "${BASH_SOURCE[0]}")/../slurm/stop.sh"
