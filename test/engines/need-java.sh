#!/usr/bin/env bash
# Makes sure that a JDK 17 or later and Maven are there; installs Debian's when run as root. Says what is missing otherwise.
set -euo pipefail
if command -v javac >/dev/null && command -v mvn >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null || [[ "$(id -u)" != 0 ]]; then
  echo "This needs a JDK (17 or later) and Maven; install both, or run as root on Debian or Ubuntu." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -q && apt-get install -q -y --no-install-recommends default-jdk-headless maven; } >&2
