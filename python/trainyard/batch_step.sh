#!/bin/sh
# The batch script of every Slurm job: batch_step.sh <log> <python> <home> <job_id> <attempt>. Slurm copies it at the submission.
umask 077
log=$1
shift
exec >>"$log" 2>&1 </dev/null
python=$1
shift
exec "$python" -m trainyard.batch_step "$@"
