#!/usr/bin/env bash
# Starts Neo4j Community on loopback, on a new and empty data folder. Idempotent: one per clone.
# The first line says `started` or `running`, the second the address as NAME=value.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="$(cd "$here/../../.." && pwd)/.cache/engines/neo4j"
pid_file="$cache/pid"
log="$cache/log"
mkdir -p "$cache"

exec 9>"$cache/lock" # two starts at once: the second waits, then finds it running
flock 9

answer() { printf '%s\nNEO4J_TEST_URL=bolt://127.0.0.1:%s\n' "$1" "$(sed -n 2p "$pid_file")"; }
if [[ -s "$pid_file" ]] && tr '\0' ' ' 2>/dev/null <"/proc/$(sed -n 1p "$pid_file")/cmdline" | grep -qF " LocalNeo4j "; then
  answer running
  exit 0
fi

"$here/../need-java.sh"
if [[ ! -f "$cache/built" || "$here/pom.xml" -nt "$cache/built" || "$here/src/LocalNeo4j.java" -nt "$cache/built" ]]; then
  rm -rf "$cache/lib" "$cache/classes" "$cache/built"
  mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache/lib" >&2
  javac -cp "$cache/lib/*" -d "$cache/classes" "$here/src/LocalNeo4j.java" >&2
  touch "$cache/built"
fi

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=
for candidate in $(shuf -i 20000-29999 -n 20); do
  if ! taken "$candidate"; then port="$candidate"; break; fi
done
if [[ -z "$port" ]]; then
  echo "No free port for Neo4j." >&2
  exit 1
fi

flags=(--add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED
  --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED
  -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError -Dio.netty.tryReflectionSetAccessible=true)
version="$(java -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.specification.version = //p')"
if [[ "${version%%.*}" -ge 24 ]]; then
  flags+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
fi

rm -rf "$cache/data"
: >"$log"
setsid nohup java -Xms128m -Xmx"${NEO4J_HEAP:-768m}" "${flags[@]}" -cp "$cache/classes:$cache/lib/*" LocalNeo4j \
  "$cache/data" "$port" >>"$log" 2>&1 </dev/null 9>&- &
pid=$!
printf '%s\n%s\n' "$pid" "$port" >"$pid_file"
for _ in $(seq 1 450); do
  if grep -q '^READY' "$log"; then
    answer started
    exit 0
  fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
echo "Neo4j did not start; the end of its log:" >&2
tail -n 20 "$log" >&2
kill "$pid" 2>/dev/null || true
rm -f "$pid_file"
exit 1
