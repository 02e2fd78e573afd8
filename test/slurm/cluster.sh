#!/usr/bin/env bash
# A real Slurm cluster of two nodes (n1 and n2) on this machine, for tests. It needs Debian's packages:
#   apt-get install -y --no-install-recommends slurmctld slurmd slurm-client munge
#
#   cluster.sh up FOLDER CONTROLLER_PORT PORT_OF_N1 PORT_OF_N2
#   cluster.sh node FOLDER NAME          starts the daemon of a node again
#   cluster.sh controller FOLDER         starts the controller again
#   cluster.sh down FOLDER
#
# Each process writes its pid to FOLDER/run. There is no accounting database (sacct has nothing). Control groups limit the memory of jobs if
# this user can create them (version 1); otherwise, Slurm kills jobs that it finds above their limit, without a reason.
# MinJobAge is short, so that the controller forgets ended jobs as it does on a real cluster after five minutes.
set -euo pipefail
command=$1
T=$(realpath -m "$2")
export SLURM_CONF=$T/slurm.conf

CGROUPS=/sys/fs/cgroup/memory
controller() { /usr/sbin/slurmctld -f "$SLURM_CONF"; }
node() { /usr/sbin/slurmd -f "$SLURM_CONF" -N "$1"; }

# Kills the process of a pid file, and waits for its end. Asked to end, a daemon of Slurm takes seconds.
end() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  kill -KILL "$pid" 2>/dev/null || return 0
  # In a container whose first process does not reap its children, it stays as a zombie.
  while grep -q '^State:[[:space:]]*[RSDTtI]' "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
}

case $command in
controller)
  # A controller that was killed before it saved its state would give ids again whose batch steps are still ending: a node that sees a
  # duplicate is drained.
  last=$(sed -n 's/^FirstJobId=//p' "$SLURM_CONF")
  sed -i "s/^FirstJobId=.*/FirstJobId=$((last + 200))/" "$SLURM_CONF"
  controller && exit 0
  ;;
node) node "$3" && exit 0 ;;
down)
  for name in n1 n2 slurmctld munged; do end "$T/run/$name.pid"; done
  # The control groups of its jobs that Slurm has not removed. Other clusters use the parents, also while these are empty.
  port=$(sed -n 's/^SlurmctldPort=//p' "$SLURM_CONF" 2>/dev/null) || exit 0
  for group in "$CGROUPS"/slurm_n[12]/uid_*/job_"$port"???; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  exit 0
  ;;
esac

H=$(hostname -s)
user=$(id -un)
munge_user=$([ "$user" = root ] && echo munge || echo "$user")
mkdir -p "$T"/{state,log,n1,n2,run,munge}
chmod 755 "$T" "$T"/*
dd if=/dev/urandom of="$T/munge.key" bs=1024 count=1 status=none
chmod 400 "$T/munge.key"
munged=(/usr/sbin/munged --force --key-file="$T/munge.key" --socket="$T/munge/socket" --pid-file="$T/munge/pid"
  --log-file="$T/munge/log" --seed-file="$T/munge/seed")
if [ "$user" = root ]; then
  chown "$munge_user" "$T/munge.key" "$T/munge"
  runuser -u "$munge_user" -- "${munged[@]}"
else
  "${munged[@]}"
fi
ln -s ../munge/pid "$T/run/munged.pid"
if [ -w "$CGROUPS" ] && [ -e "$CGROUPS/tasks" ]; then
  memory="TaskPlugin=task/cgroup
JobAcctGatherType=jobacct_gather/none"
  cat >"$T/cgroup.conf" <<CONF
CgroupPlugin=cgroup/v1
CgroupMountpoint=$(dirname "$CGROUPS")
ConstrainRAMSpace=yes
CONF
else
  memory="TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill"
fi
# Slurm counts the files, and opens none.
printf 'Name=gpu Type=a100 File=/dev/%s\n' null zero >"$T/gres.conf"
cat >"$SLURM_CONF" <<CONF
ClusterName=test
# The control groups of two clusters differ in the ids of their jobs only.
FirstJobId=$(($3 * 1000 + 1))
SlurmctldHost=$H(127.0.0.1)
SlurmctldPort=$3
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$T/munge/socket
CredType=cred/munge
StateSaveLocation=$T/state
SlurmdSpoolDir=$T/%n
SlurmctldPidFile=$T/run/slurmctld.pid
SlurmdPidFile=$T/run/%n.pid
SlurmctldLogFile=$T/log/slurmctld.log
SlurmdLogFile=$T/log/%n.log
ProctrackType=proctrack/linuxproc
$memory
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=100
MpiDefault=none
AccountingStorageType=accounting_storage/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmctldTimeout=5
SlurmdTimeout=10
KillWait=2
InactiveLimit=0
MinJobAge=60
GresTypes=gpu
NodeName=n1 NodeHostname=$H NodeAddr=127.0.0.1 Port=$4 CPUs=8 RealMemory=8000 Features=first Gres=gpu:a100:2 State=UNKNOWN
NodeName=n2 NodeHostname=$H NodeAddr=127.0.0.1 Port=$5 CPUs=8 RealMemory=8000 Features=second Gres=gpu:a100:2 State=UNKNOWN
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=1
PartitionName=urgent Nodes=n1,n2 MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=10
CONF
controller
node n1
node n2
for _ in $(seq 200); do
  [ "$(sinfo -h -p main -t idle -o %D 2>/dev/null)" = 2 ] && exit 0
  sleep 0.1
done
echo "the nodes did not become idle" >&2
tail -n 5 "$T"/log/*.log >&2 || true
exit 1
