#!/usr/bin/env bash
# Starts a real one-node Slurm with its REST interface, on loopback. Debian 12, as root: slurmd starts jobs
# under the accounts `learner` (work) and `grader` (grade), which this makes. Idempotent: one per clone.
# ACCOUNTING=1 starts a second one beside it, with slurmdbd and MariaDB.
# The first line says `started` or `running`, the others are NAME=value.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
fail() {
  echo "Slurm did not start: $1" >&2
  for log in "$state"/log/*; do
    [[ -s "$log" ]] && { echo "--- ${log##*/}" >&2; tail -n 8 "$log" >&2; }
  done
  exit 1
}
[[ "$(id -u)" == 0 ]] || { echo "Slurm's daemons start jobs as other users: run this as root." >&2; exit 1; }

wanted="slurm-wlm slurmrestd slurm-wlm-jwt-plugin munge bubblewrap"
daemons="munged slurmctld slurmd slurmrestd"
if [[ "$ACCOUNTING" == 1 ]]; then
  # Only the programs: the full packages would bring services of their own.
  wanted="$wanted slurmdbd slurm-wlm-mysql-plugin mariadb-server-core mariadb-client-core"
  daemons="$daemons slurmdbd mariadbd"
fi
missing="$(for name in $wanted; do dpkg -s "$name" >/dev/null 2>&1 || printf '%s ' "$name"; done)"
if [[ -n "$missing" ]]; then
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list of names
  { apt-get update -q && apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 $missing; } >&2
fi
account() { id "$1" >/dev/null 2>&1 || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell "$2" "$1"; }
account learner /bin/bash
account grader /bin/bash
account slurmrest /usr/sbin/nologin

umask 022
mkdir -p "$state"
exec 9>"$state/lock" # two starts at once: the second waits, then finds it running
flock 9

answer() {
  local name=SLURM
  [[ "$ACCOUNTING" == 1 ]] && name=SLURM_ACCOUNTING
  printf '%s\n' "$1"
  printf "${name}_%s=%s\n" REST_URL "http://127.0.0.1:$(cat "$state/port")" API_VERSION v0.0.38 STATE "$state" \
    SITE_FOLDER "$state/site" NODE_FILE "$state/site/programs/node"
}
running() { for daemon in $daemons; do pid_of "$daemon" >/dev/null || return 1; done; }
if running; then
  answer running
  exit 0
fi
stop_all

# The site's shared folder, with the rights docs/sites.md asks for, and the daemons' own.
folder() { install -d -o "${2%:*}" -g "${2#*:}" -m "$3" "$state/$1"; }
folder etc root:root 755
folder run root:root 755
folder run/munge munge:munge 755
folder munge munge:munge 700
folder log slurm:slurm 750
folder controller slurm:slurm 700
folder spool root:root 755
folder gpu root:root 755
folder site root:root 755
folder site/programs root:root 755
folder site/inbox root:root 755
folder site/inbox/work root:learner 2750
folder site/inbox/grade root:grader 2750
folder site/jobs root:root 755
folder site/jobs/work learner:grader 2750
folder site/jobs/grade grader:grader 2700

root="$here/../../.."
node="$(cd "$root" && npx node -p process.execPath 2>/dev/null)"
cmp -s "$node" "$state/site/programs/node" || install -m 755 "$node" "$state/site/programs/node"
[[ -s "$state/munge/munge.key" ]] || head -c 1024 /dev/urandom >"$state/munge/munge.key"
chown munge:munge "$state/munge/munge.key" && chmod 400 "$state/munge/munge.key"
[[ -s "$state/etc/jwt.key" ]] || head -c 32 /dev/urandom >"$state/etc/jwt.key"
chown slurm:slurm "$state/etc/jwt.key" && chmod 400 "$state/etc/jwt.key"
# Stand-ins for accelerators: the scheduler hands them out, and nothing computes on them.
for number in 0 1; do [[ -e "$state/gpu/$number" ]] || mknod -m 666 "$state/gpu/$number" c 1 3 2>/dev/null || : >"$state/gpu/$number"; done

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=
for candidate in $(shuf -i 20000-29000 -n 20); do
  for next in 0 1 2 3; do ! taken $((candidate + next)) || continue 2; done
  port="$candidate"
  break
done
[[ -n "$port" ]] || fail "no free ports"
printf '%s\n' "$port" >"$state/port"
host="$(hostname -s)"
accounting=AccountingStorageType=accounting_storage/none
min_job_age=300
if [[ "$ACCOUNTING" == 1 ]]; then
  min_job_age=2
  accounting="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 3))
AccountingStoragePass=$state/run/munge/munge.socket
AccountingStorageTRES=gres/gpu"
fi
cat >"$SLURM_CONF" <<CONF
ClusterName=academy-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$((port + 1))
SlurmdPort=$((port + 2))
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=slurm
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$state/run/munge/munge.socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$state/etc/jwt.key
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/run/slurmctld.pid
SlurmdPidFile=$state/run/slurmd.pid
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdLogFile=$state/log/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,bf_interval=2,sched_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
PropagateResourceLimits=NONE
JobRequeue=0
MinJobAge=$min_job_age
KillWait=5
InactiveLimit=0
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/filetxt
JobCompLoc=$state/log/jobcomp.log
PrivateData=jobs
GresTypes=gpu
$accounting
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 Gres=gpu:stand-in:2 State=UNKNOWN
PartitionName=academy Nodes=one Default=YES MaxTime=00:10:00 State=UP
PartitionName=closed Nodes=one MaxTime=00:05:00 State=DOWN
CONF
printf 'AutoDetect=off\nNodeName=one Name=gpu Type=stand-in File=%s/gpu/[0-1]\n' "$state" >"$state/etc/gres.conf"

rm -f "$state"/run/munge/munge.socket*
runuser -u munge -- /usr/sbin/munged --key-file="$state/munge/munge.key" --seed-file="$state/munge/seed" \
  --log-file="$state/munge/log" --pid-file="$state/run/munge/munged.pid" --socket="$state/run/munge/munge.socket" 9>&- \
  || fail munged
ln -sfn munge/munged.pid "$state/run/munged.pid"
until_true 50 test -S "$state/run/munge/munge.socket" || fail munged
plugins=openapi/v0.0.38
if [[ "$ACCOUNTING" == 1 ]]; then
  source "$here/accounting.sh"
  plugins="$plugins,openapi/dbv0.0.38"
fi
start_controller || fail slurmctld
setsid /usr/sbin/slurmd >>"$state/log/slurmd.out" 2>&1 </dev/null 9>&- || fail slurmd
# Neither root nor Slurm's own user; SLURM_JWT=daemon makes it refuse whoever brings no token.
setsid setpriv --reuid=slurmrest --regid=slurmrest --clear-groups env -i PATH=/usr/bin:/bin SLURM_CONF="$SLURM_CONF" \
  SLURM_JWT=daemon /usr/sbin/slurmrestd -a rest_auth/jwt -s "$plugins" "127.0.0.1:$port" \
  >>"$state/log/slurmrestd.log" 2>&1 </dev/null 9>&- &
printf '%s\n' "$!" >"$state/run/slurmrestd.pid"
until_true 100 taken "$port" || fail slurmrestd
usable() { sinfo -h -n one -o %T | grep -qE '^(idle|mixed|allocated)$'; }
if ! until_true 100 usable; then
  scontrol update nodename=one state=resume >/dev/null 2>&1 || true
  until_true 100 usable || fail "the node is not usable"
fi
answer started
