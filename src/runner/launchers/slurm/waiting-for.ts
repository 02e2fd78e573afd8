import type { SlurmJob } from './slurm-job.ts';

/** Sentences for the most common of Slurm's reasons; see "JOB REASON CODES" of squeue(1). */
const SENTENCES: Readonly<Record<string, string>> = {
  None: 'Slurm has not tried to start it yet',
  Priority: 'Jobs with a higher priority are ahead of it',
  Resources: 'Resources are not free yet',
  Dependency: 'An earlier job of the same name has not ended',
  BeginTime: 'Its start time has not come',
  JobHeldUser: 'It is held; release it with scontrol',
  JobHeldAdmin: 'An administrator holds it',
  PartitionDown: 'The partition is down',
  PartitionInactive: 'The partition is inactive',
  PartitionNodeLimit: 'The partition does not have this many nodes for one job',
  PartitionTimeLimit: 'The time limit is above that of the partition',
  ReqNodeNotAvail: 'The nodes that it can run on are not available',
  Reservation: 'Its reservation has not started',
  Licenses: 'A license is not free yet',
  BadConstraints: 'No node has what its constraint asks for',
  QOSMaxJobsPerUserLimit: 'The limit of running jobs of this user is reached',
  QOSMaxSubmitJobPerUserLimit: 'The limit of jobs of this user is reached',
  AssocMaxJobsLimit: 'The limit of running jobs of this account is reached',
  AssocGrpCpuLimit: 'The limit of CPUs of this account is reached',
  AssocGrpGRES: 'The limit of GPUs of this account is reached',
  AssocGrpMemLimit: 'The limit of memory of this account is reached',
};

/** The reason why a job waits in Slurm's queue: a sentence, with Slurm's own word. */
export function describeReason({ state, reason }: SlurmJob): string {
  if (state === 'CONFIGURING') return 'Its nodes are starting (Slurm: CONFIGURING).';
  // Some reasons continue with names of nodes or a text of an administrator.
  const word = /^\w+/.exec(reason)?.[0] ?? '';
  const sentence = SENTENCES[word] ?? 'It waits in the queue of Slurm';
  return word === '' || word === 'None' ? `${sentence}.` : `${sentence} (Slurm: ${word}).`;
}
