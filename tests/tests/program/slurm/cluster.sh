#!/usr/bin/env bash
# cluster.sh FOLDER: a Slurm of one node with two processors, for as long as standard input is open.
#
# All of it lies in FOLDER and listens on loopback: its own key and socket of MUNGE, its own slurm.conf, no accounts, no
# cgroups. Once jobs are taken, the line `ready` comes out; where that cannot be, the line `missing REASON`. However it
# ends, nothing that it started is left: neither daemons nor jobs, which are known by the SLURM_CONF that they inherit.
set -u
folder=$1
export SLURM_CONF="$folder/slurm.conf"
export PATH="$PATH:/usr/sbin:/sbin"
for program in munged slurmctld slurmd sbatch squeue scontrol; do
    command -v $program >/dev/null || { echo "missing $program"; exit 0; }
done

# Every process that inherited this slurm.conf but this shell.
ours() {
    local process id
    for process in /proc/[0-9]*; do
        id=${process#/proc/}
        [ "$id" = $$ ] || [ "$id" = "$BASHPID" ] && continue
        grep -qzFx "SLURM_CONF=$SLURM_CONF" "$process/environ" 2>/dev/null && echo "$id"
    done
}
finish() {
    trap '' EXIT TERM INT HUP PIPE
    kill $(jobs -p) 2>/dev/null
    # Daemons that are told to end, end; what is left then, jobs and their keepers, is killed.
    for signal in TERM KILL KILL; do
        local left
        left=$(ours)
        [ -n "$left" ] || break
        kill -$signal $left 2>/dev/null
        sleep 0.3
    done
    exit 0
}
trap finish EXIT TERM INT HUP PIPE

mkdir -p "$folder/state" "$folder/spool"
# MUNGE and Slurm refuse what others could change.
chmod 755 "$folder"
(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
munged --foreground --force --socket="$folder/munge.sock" --key-file="$folder/munge.key" --pid-file="$folder/munge.pid" \
    --log-file="$folder/munge.log" --seed-file="$folder/munge.seed" >/dev/null 2>"$folder/munged.err" </dev/null &

user=$(id -un)
node=$(hostname -s)
# Ports that are free, most likely; where they are not, others are tried.
for try in 1 2 3 4 5; do
    port=$((20000 + (RANDOM % 20000)))
    cat >"$SLURM_CONF" <<END
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
# A job that is queued again may begin after cred_expire seconds, and fewer than five are none.
AuthInfo=socket=$folder/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1,sched_min_interval=0
ReturnToService=2
KillWait=10
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$node Default=YES MaxTime=INFINITE State=UP
END
    slurmctld -D -c >"$folder/slurmctld.out" 2>&1 </dev/null &
    controller=$!
    slurmd -D -c >"$folder/slurmd.out" 2>&1 </dev/null &
    node_daemon=$!
    for wait in $(seq 60); do
        sleep 0.25
        kill -0 $controller $node_daemon 2>/dev/null || break
        if sinfo --noheader --format=%T 2>/dev/null | grep -q idle; then
            echo ready
            # Until whoever started it closes standard input, or goes.
            cat >/dev/null
            exit 0
        fi
    done
    kill $controller $node_daemon 2>/dev/null
    wait $controller $node_daemon 2>/dev/null
done
echo "missing a Slurm that starts: $(cat "$folder"/*.err "$folder"/*.out "$folder"/slurm*.log 2>/dev/null | tail -n 5 | tr '\n' ' ')"
