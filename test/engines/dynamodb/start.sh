#!/usr/bin/env bash
# Starts DynamoDB Local in memory, on loopback. Idempotent: one per clone.
# The first line says `started` or `running`, the second the endpoint as NAME=value.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="$(cd "$here/../../.." && pwd)/.cache/engines/dynamodb"
pid_file="$cache/pid"
log="$cache/log"
mkdir -p "$cache"

exec 9>"$cache/lock" # two starts at once: the second waits, then finds it running
flock 9

answer() { printf '%s\nDYNAMODB_ENDPOINT=http://127.0.0.1:%s\n' "$1" "$(sed -n 2p "$pid_file")"; }
if [[ -s "$pid_file" ]] && tr '\0' ' ' 2>/dev/null <"/proc/$(sed -n 1p "$pid_file")/cmdline" | grep -qF " LocalDynamo "; then
  answer running
  exit 0
fi

"$here/../need-java.sh"
if [[ ! -f "$cache/built" || "$here/pom.xml" -nt "$cache/built" || "$here/src/LocalDynamo.java" -nt "$cache/built" ]]; then
  rm -rf "$cache/lib" "$cache/classes" "$cache/built"
  mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/lib" >&2
  javac -cp "$cache/lib/*" -d "$cache/classes" "$here/src/LocalDynamo.java" >&2
  touch "$cache/built"
fi

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=
for candidate in $(shuf -i 20000-29999 -n 20); do
  if ! taken "$candidate"; then port="$candidate"; break; fi
done
if [[ -z "$port" ]]; then
  echo "No free port for DynamoDB Local." >&2
  exit 1
fi

: >"$log"
setsid nohup java -Xmx256m -Djava.library.path="$cache/lib" -cp "$cache/classes:$cache/lib/*" LocalDynamo \
  -port "$port" -sharedDb -disableTelemetry -inMemory >>"$log" 2>&1 </dev/null 9>&- &
pid=$!
printf '%s\n%s\n' "$pid" "$port" >"$pid_file"
for _ in $(seq 1 300); do
  if grep -q '^READY' "$log"; then
    answer started
    exit 0
  fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
echo "DynamoDB Local did not start; the end of its log:" >&2
tail -n 20 "$log" >&2
kill "$pid" 2>/dev/null || true
rm -f "$pid_file"
exit 1
