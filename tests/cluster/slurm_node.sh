#!/bin/bash
# A real Slurm of one node with accounting, on the loopback address only, to test the executor `slurm` with.
#
#     tests/cluster/slurm_node.sh install | start | stop | status [FOLDER]
#
# Needs root on Debian or Ubuntu. Configuration, logs, keys, jobs and accounts lie in FOLDER (by default
# /tmp/neural_sculpting_slurm); outside it there is only the link /etc/slurm/slurm.conf while it runs, by which
# `sbatch` and the others find it. Two partitions: `main`, and `urgent`, whose jobs send those of `main` back to the
# queue. Every command can be given again.
set -euo pipefail

PACKAGES=(slurm-wlm slurm-wlm-basic-plugins slurmdbd mariadb-server munge)
COMMAND=${1:-}
FOLDER=$(realpath -m "${2:-/tmp/neural_sculpting_slurm}")
LINK=/etc/slurm/slurm.conf
POLICY=/usr/sbin/policy-rc.d
CONTROLLER_PORT=16817 NODE_PORT=16818 ACCOUNTS_PORT=16819 DATABASE_PORT=16820
CLUSTER=neural_sculpting
export SLURM_CONF=$FOLDER/etc/slurm.conf

say() { echo "slurm_node: $*"; }
fail() { echo "slurm_node: $*" >&2; exit 1; }

running() {  # NAME: whether the daemon that left this file of its process id is alive
    local file=$FOLDER/run/$1.pid
    [[ -s $file ]] && kill -0 "$(<"$file")" 2>/dev/null
}

await() {  # SECONDS WHAT COMMAND…: try until it works
    local left=$1 what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((left-- > 0)) || fail "$what does not answer; see $FOLDER/log"
        sleep 1
    done
}

start_once() {  # NAME COMMAND…
    local name=$1
    shift
    running "$name" && return
    "$@" >>"$FOLDER/log/$name.start" 2>&1 </dev/null || fail "$name does not start; see $FOLDER/log/$name.start"
}

install_packages() {
    if dpkg-query -W -f '${db:Status-Status}\n' "${PACKAGES[@]}" 2>/dev/null | grep -qv '^installed$' ||
        ! dpkg-query -W "${PACKAGES[@]}" >/dev/null 2>&1; then
        command -v apt-get >/dev/null || fail "apt-get not found: the packages are those of Debian and Ubuntu"
        say "installing ${PACKAGES[*]}"
        if [[ ! -e $POLICY ]]; then  # no service starts by itself
            printf '#!/bin/sh\nexit 101\n' >$POLICY && chmod 755 $POLICY
            trap 'rm -f $POLICY' EXIT
        fi
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${PACKAGES[@]}" >/dev/null
    fi
    say "installed: Slurm $(dpkg-query -W -f '${Version}' slurm-wlm)"
}

make_folders() {
    mkdir -p "$FOLDER"/{etc,run,log,state,spool,munge,database}
    chmod 755 "$FOLDER"
    chown slurm "$FOLDER"/{etc,log,run,state}
    chown munge "$FOLDER/munge"
    chmod 711 "$FOLDER/munge"
    chown mysql "$FOLDER/database"
}

write_slurm_conf() {
    local cpus memory
    cpus=$(nproc)
    memory=$(awk '/^MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
    cat >"$SLURM_CONF" <<END
ClusterName=$CLUSTER
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$CONTROLLER_PORT
SlurmdPort=$NODE_PORT
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$FOLDER/munge/socket
SlurmUser=slurm
SlurmctldPidFile=$FOLDER/run/slurmctld.pid
SlurmdPidFile=$FOLDER/run/slurmd.pid
SlurmctldLogFile=$FOLDER/log/slurmctld.log
SlurmdLogFile=$FOLDER/log/slurmd.log
StateSaveLocation=$FOLDER/state
SlurmdSpoolDir=$FOLDER/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=5
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$ACCOUNTS_PORT
AccountingStoragePass=$FOLDER/munge/socket
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=$((memory / cpus))
SchedulerParameters=sched_interval=5,bf_interval=5,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=5
ReturnToService=2
NodeName=localhost NodeAddr=127.0.0.1 NodeHostname=localhost CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE PriorityTier=1 GraceTime=5
PartitionName=urgent Nodes=localhost MaxTime=INFINITE PriorityTier=2 PreemptMode=OFF
END
}

write_accounts_conf() {  # PASSWORD
    local conf=$FOLDER/etc/slurmdbd.conf
    (umask 077; cat >"$conf") <<END
AuthType=auth/munge
AuthInfo=socket=$FOLDER/munge/socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$ACCOUNTS_PORT
CommunicationParameters=NoInAddrAny
SlurmUser=slurm
PidFile=$FOLDER/run/slurmdbd.pid
LogFile=$FOLDER/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$DATABASE_PORT
StorageUser=slurm
StoragePass=$1
StorageLoc=slurm_accounts
END
    chown slurm "$conf"
}

start_munge() {
    local key=$FOLDER/munge/key
    [[ -s $key ]] || (umask 077; head -c 256 /dev/urandom >"$key"; chown munge "$key")
    touch "$FOLDER/run/munged.pid" && chown munge "$FOLDER/run/munged.pid"
    start_once munged runuser -u munge -- munged --force --key-file="$key" --socket="$FOLDER/munge/socket" \
        --pid-file="$FOLDER/munge/pid" --log-file="$FOLDER/munge/log" --seed-file="$FOLDER/munge/seed"
    await 10 munged test -S "$FOLDER/munge/socket"
    cp "$FOLDER/munge/pid" "$FOLDER/run/munged.pid"
}

database() { mariadb --no-defaults --user=root --socket="$FOLDER/database/socket" "$@"; }

start_database() {
    local data=$FOLDER/database/data
    [[ -d $data/mysql ]] || mariadb-install-db --no-defaults --user=mysql --datadir="$data" --skip-test-db \
        >"$FOLDER/log/mariadb.install" 2>&1 || fail "mariadb-install-db failed; see $FOLDER/log/mariadb.install"
    if ! running mariadbd; then
        setsid mariadbd --no-defaults --user=mysql --datadir="$data" --socket="$FOLDER/database/socket" \
            --pid-file="$FOLDER/database/pid" --bind-address=127.0.0.1 --port=$DATABASE_PORT \
            --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 --skip-log-bin \
            >>"$FOLDER/log/mariadb.log" 2>&1 </dev/null &
        await 60 mariadbd database -e 'SELECT 1'
        cp "$FOLDER/database/pid" "$FOLDER/run/mariadbd.pid"
    fi
}

start_accounts() {
    if ! running slurmdbd; then
        local password
        password=$(head -c 24 /dev/urandom | base64 | tr -dc 'a-zA-Z0-9')
        database -e "CREATE DATABASE IF NOT EXISTS slurm_accounts;
            CREATE OR REPLACE USER slurm@127.0.0.1 IDENTIFIED BY '$password';
            CREATE OR REPLACE USER slurm@localhost IDENTIFIED BY '$password';
            GRANT ALL ON slurm_accounts.* TO slurm@127.0.0.1; GRANT ALL ON slurm_accounts.* TO slurm@localhost;"
        write_accounts_conf "$password"
        start_once slurmdbd slurmdbd
    fi
    await 60 slurmdbd sacctmgr --noheader show cluster
    sacctmgr --noheader --parsable2 show cluster format=cluster | grep -qx $CLUSTER ||
        sacctmgr --immediate --quiet add cluster $CLUSTER >/dev/null
}

check_addresses() {  # nothing may be reached from elsewhere
    local port outside
    for port in $CONTROLLER_PORT $NODE_PORT $ACCOUNTS_PORT $DATABASE_PORT; do
        outside=$(ss --no-header --listening --tcp --numeric "sport = :$port" | awk '$4 !~ /^(127\.|\[::1\])/ {print $4}')
        [[ -z $outside ]] && continue
        stop
        fail "would listen on $outside: let this machine's name, $(hostname), stand for 127.0.0.1 in /etc/hosts"
    done
}

start() {
    [[ $EUID == 0 ]] || fail "start needs root"
    command -v slurmctld slurmdbd slurmd munged mariadbd >/dev/null || fail "not installed; say: $0 install"
    if [[ -e $LINK && ! $(readlink -f $LINK) == "$SLURM_CONF" ]]; then
        fail "$LINK: there is another Slurm on this machine ($(readlink -f $LINK)); nothing was started"
    fi
    make_folders
    write_slurm_conf
    start_munge
    start_database
    start_accounts
    start_once slurmctld slurmctld
    await 30 slurmctld sinfo
    start_once slurmd slurmd -N localhost
    mkdir -p "$(dirname $LINK)"
    ln -sfn "$SLURM_CONF" $LINK
    await 60 "the node" eval 'sinfo --noheader --format=%T | grep -Eqx "idle|mixed|allocated"'
    check_addresses
    say "Slurm runs; its files are in $FOLDER"
    sinfo
}

stop() {
    local name
    for name in slurmd slurmctld slurmdbd mariadbd munged; do
        running "$name" || continue
        kill "$(<"$FOLDER/run/$name.pid")"
        for _ in {1..60}; do running "$name" || break; sleep 0.5; done
        running "$name" && fail "$name does not stop (process $(<"$FOLDER/run/$name.pid"))"
        rm -f "$FOLDER/run/$name.pid"
    done
    [[ $(readlink -f $LINK) == "$SLURM_CONF" ]] && rm -f $LINK
    say "stopped; its files are still in $FOLDER"
}

status() {
    local name
    for name in munged mariadbd slurmdbd slurmctld slurmd; do
        if running "$name"; then
            say "$name runs (process $(<"$FOLDER/run/$name.pid"))"
        else
            say "$name does not run"
        fi
    done
    running slurmctld || exit 1
    sinfo
    squeue
}

case $COMMAND in
    install) [[ $EUID == 0 ]] || fail "install needs root"; install_packages ;;
    start | stop | status) $COMMAND ;;
    *) fail "say one of: $0 install | start | stop | status [FOLDER]" ;;
esac
