# Where this clone's Slurm keeps everything, and what the scripts beside this file share. Sourced, not run.
# Not below the clone: other accounts must reach it, and munge insists on safe folders all the way up.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# ACCOUNTING=1 is a second Slurm beside the plain one, with slurmdbd and MariaDB: `test/engines/slurm-accounting`.
ACCOUNTING="${ACCOUNTING:-0}"
[[ "$ACCOUNTING" == 1 ]] && kind=accounting || kind=plain
state="/var/tmp/academy-slurm-$kind-$(cd "$here/../../.." && pwd | sha256sum | cut -c1-12)"
export SLURM_CONF="$state/etc/slurm.conf"
unset SLURM_JWT

# A daemon runs when its pid file names a living process of that name.
pid_of() {
  local pid
  pid="$(cat "$state/run/$1.pid" 2>/dev/null)" || return 1
  [[ -n "$pid" && "$(cat "/proc/$pid/comm" 2>/dev/null)" == "$1" ]] || return 1
  ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null || return 1
  printf '%s\n' "$pid"
}
until_true() { # tries command…
  local left="$1"
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [[ "$left" -gt 0 ]] || return 1
    sleep 0.2
  done
}
# Runs a program as another user of the machine with nothing of this environment but what is named.
as() { setpriv --reuid="$1" --regid="$1" --clear-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SLURM_CONF="$SLURM_CONF" "${@:2}"; }
stop_daemon() {
  local pid
  pid="$(pid_of "$1")" || return 0
  kill "$pid" 2>/dev/null || true
  until_true 75 bash -c "! kill -0 $pid" || kill -9 "$pid" 2>/dev/null || true
  rm -f "$state/run/$1.pid"
}
stop_all() {
  local daemon
  for daemon in slurmrestd slurmd slurmctld slurmdbd mariadbd munged; do stop_daemon "$daemon"; done
}
start_controller() {
  pid_of slurmctld >/dev/null && return 0
  rm -f "$state/run/slurmctld.pid"
  setsid /usr/sbin/slurmctld -i >>"$state/log/slurmctld.out" 2>&1 </dev/null 9>&-
  until_true 100 scontrol ping
}
