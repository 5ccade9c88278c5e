#!/bin/sh
# Makes sure that Debian's Chromium is there and tells the suites where. Runs nothing: playwright-core does.
set -eu
browser=$(command -v chromium || true)
if [ -z "$browser" ]; then
  as_root=''
  [ "$(id -u)" -eq 0 ] || as_root='sudo -n'
  export DEBIAN_FRONTEND=noninteractive
  { $as_root apt-get update -q && $as_root apt-get install -q -y --no-install-recommends chromium fonts-liberation; } >&2 ||
    { echo 'Chromium cannot be installed: it needs apt and the right to use it.' >&2; exit 1; }
  browser=$(command -v chromium)
fi
echo running
echo "CHROMIUM=$browser"
