#!/usr/bin/env bash
# Makes the PDF/A validator veraPDF 1.28.2 ready: its jars from Maven Central and the judge compiled against them.
# Nothing is left running. Prints `ready` and the class path as NAME=value.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="$(cd "$here/../../.." && pwd)/.cache/engines/verapdf"
mkdir -p "$cache"

exec 9>"$cache/lock" # two starts at once: the second waits, then finds it built
flock 9

"$here/../need-java.sh"
if [[ ! -f "$cache/built" || "$here/pom.xml" -nt "$cache/built" || "$here/src/VeraJudge.java" -nt "$cache/built" ]]; then
  rm -rf "$cache/lib" "$cache/classes" "$cache/built"
  mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/lib" >&2
  javac -cp "$cache/lib/*" -d "$cache/classes" "$here/src/VeraJudge.java" >&2
  touch "$cache/built"
fi
printf 'ready\nVERAPDF_CLASSPATH=%s\n' "$cache/classes:$cache/lib/*"
