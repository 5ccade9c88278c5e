# MariaDB and slurmdbd for the Slurm with accounting: a socket and a loopback port, both below its own folder.
# Sourced by start.sh, which gives `state`, `port`, `folder` and `fail`.
folder database slurm:slurm 700
folder run/database slurm:slurm 755
folder run/slurmdbd slurm:slurm 755
socket="$state/run/database/socket"

start_database() {
  if [[ ! -d "$state/database/mysql" ]]; then
    as slurm mariadb-install-db --no-defaults --datadir="$state/database" --auth-root-authentication-method=socket \
      --auth-root-socket-user=slurm --skip-test-db >"$state/log/mariadb-install.log" 2>&1 || return 1
  fi
  # No network at all: whoever may open the socket is told apart by the kernel.
  setsid setpriv --reuid=slurm --regid=slurm --clear-groups env -i PATH=/usr/sbin:/usr/bin /usr/sbin/mariadbd --no-defaults \
    --datadir="$state/database" --socket="$socket" --skip-networking --pid-file="$state/run/database/mariadbd.pid" \
    --innodb-buffer-pool-size=64M --innodb-log-file-size=48M --innodb-lock-wait-timeout=900 --performance-schema=off \
    >"$state/log/mariadb.log" 2>&1 </dev/null 9>&- &
  until_true 150 as slurm mariadb --no-defaults --socket="$socket" -e 'select 1' || return 1
  ln -sfn database/mariadbd.pid "$state/run/mariadbd.pid"
  as slurm mariadb --no-defaults --socket="$socket" -e 'create database if not exists slurm_acct_db'
}

start_slurmdbd() {
  cat >"$state/etc/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$state/run/munge/munge.socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$state/etc/jwt.key
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$((port + 3))
SlurmUser=slurm
PidFile=$state/run/slurmdbd/slurmdbd.pid
LogFile=$state/log/slurmdbd.log
PrivateData=jobs
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StorageLoc=slurm_acct_db
CONF
  chown slurm:slurm "$state/etc/slurmdbd.conf" && chmod 600 "$state/etc/slurmdbd.conf"
  rm -f "$state/run/slurmdbd/slurmdbd.pid"
  setsid setpriv --reuid=slurm --regid=slurm --clear-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SLURM_CONF="$SLURM_CONF" \
    MYSQL_UNIX_PORT="$socket" /usr/sbin/slurmdbd -D >"$state/log/slurmdbd.out" 2>&1 </dev/null 9>&- &
  until_true 150 timeout 5 sacctmgr -n show cluster || return 1
  ln -sfn slurmdbd/slurmdbd.pid "$state/run/slurmdbd.pid"
}

# One account of the site for each of the two users; a second time it changes nothing.
register() {
  sacctmgr -n -P show cluster format=cluster | grep -qx academy-test || sacctmgr -i add cluster academy-test
  local user
  for user in learner grader; do
    [[ -n "$(sacctmgr -n -P show account "academy-$user" format=account)" ]] \
      || sacctmgr -i add account "academy-$user" Cluster=academy-test
    [[ -n "$(sacctmgr -n -P show assoc user="$user" account="academy-$user" format=user)" ]] \
      || sacctmgr -i add user "$user" Account="academy-$user" Cluster=academy-test
  done
}

start_database || fail MariaDB
start_slurmdbd || fail slurmdbd
register >>"$state/log/accounts.log" 2>&1 || fail "the accounts of slurmdbd"
