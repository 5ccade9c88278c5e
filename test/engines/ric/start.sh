#!/usr/bin/env bash
# Makes ready the client by which AWS runs functions of Node, with its native part, which it brings as source: built
# once for the Node of the project, in the cache. Nothing is left running.
# Prints `ready` and the client as NAME=value.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
project="$(cd "$here/../../.." && pwd)"
cache="$project/.cache/engines/ric"
client="$cache/node_modules/aws-lambda-ric"
mkdir -p "$cache"

exec 9>"$cache/lock" # two starts at once: the second waits, then finds it built
flock 9

if [[ ! -f "$client/rapid-client.node" || "$here/package-lock.json" -nt "$cache/built" ]]; then
  missing=()
  for pair in g++:g++ make:make cmake:cmake python3:python3 xz:xz-utils; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  if [[ ${#missing[@]} -gt 0 ]]; then
    if ! command -v apt-get >/dev/null || [[ "$(id -u)" != 0 ]]; then
      echo "The runtime client of AWS is built here: install ${missing[*]}, or run as root on Debian or Ubuntu." >&2
      exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; } >&2
  fi
  # The headers come with the very Node that runs the functions, so that none are fetched.
  headers=("$project"/node_modules/node-linux-*)
  rm -rf "$cache/node_modules" "$cache/built"
  cp "$here/package.json" "$here/package-lock.json" "$cache/"
  if ! (cd "$cache" && export PATH="$project/node_modules/.bin:$PATH" npm_config_nodedir="${headers[0]}" &&
    npm ci --ignore-scripts=false --foreground-scripts --no-fund --no-audit) >"$cache/log" 2>&1; then
    echo "The runtime client of AWS could not be built; the end of its log:" >&2
    tail -n 30 "$cache/log" >&2
    exit 1
  fi
  touch "$cache/built"
fi
printf 'ready\nRIC_CLIENT=%s\n' "$client/index.mjs"
