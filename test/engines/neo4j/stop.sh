#!/usr/bin/env bash
# Stops the Neo4j that start.sh of this clone started; does nothing when none runs.
set -euo pipefail
pid_file="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/.cache/engines/neo4j/pid"
[[ -s "$pid_file" ]] || exit 0
pid="$(sed -n 1p "$pid_file")"
if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF " LocalNeo4j "; then
  kill "$pid"
  for _ in $(seq 1 300); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
fi
rm -f "$pid_file"
