import type { Resources } from '../runner/index.ts';
import { builder } from './builder.ts';

const CPUS = 'Number of CPUs on each node. On one machine: the number of threads of all processes together.';
const MEMORY =
  'Memory on each node in MiB. On one machine: the limit of the data of each process; a process that needs more fails with OUT_OF_MEMORY.';
const GPU_TYPE = 'Kind of GPU, for example `a100`. On a cluster only, as all that follow except `timeLimitSeconds`.';
const NODES = 'Number of nodes; at present 1 is the only number that is accepted.';
const TIME =
  'Maximum time in seconds that the resources are held; the attempt then saves a checkpoint and ends. Slurm counts in minutes, and asks it to save up to two minutes before.';

export const ResourcesInput = builder.inputType('ResourcesInput', {
  description:
    'Requirements of a job on its machine. An administrator lists the allowed names in the settings of the server.',
  fields: (t) => ({
    cpus: t.int({ description: CPUS }),
    memoryMb: t.int({ description: MEMORY }),
    gpus: t.int({ description: 'Number of GPUs on each node; the same as `gpus` of the input.' }),
    gpuType: t.string({ description: GPU_TYPE }),
    nodes: t.int({ description: NODES }),
    processesPerNode: t.int({ description: 'Number of processes on each node; the same as `processes` of the input.' }),
    partition: t.string({ description: 'Partition of the cluster.' }),
    account: t.string({ description: 'Account that is charged.' }),
    qos: t.string({ description: 'Quality of service.' }),
    constraint: t.string({ description: 'Features that the nodes must have.' }),
    timeLimitSeconds: t.int({ description: TIME }),
  }),
});

export const ResourcesRef = builder.objectRef<Resources>('Resources').implement({
  description: 'Requirements of a job on its machine. Null: the default of the machine or the cluster.',
  fields: (t) => ({
    cpus: t.exposeInt('cpus', { nullable: true, description: CPUS }),
    memoryMb: t.exposeInt('memoryMb', { nullable: true, description: MEMORY }),
    gpuType: t.exposeString('gpuType', { nullable: true, description: GPU_TYPE }),
    nodes: t.exposeInt('nodes', { nullable: true, description: NODES }),
    partition: t.exposeString('partition', { nullable: true, description: 'Partition of the cluster.' }),
    account: t.exposeString('account', { nullable: true, description: 'Account that is charged.' }),
    qos: t.exposeString('qos', { nullable: true, description: 'Quality of service.' }),
    constraint: t.exposeString('constraint', { nullable: true, description: 'Features that the nodes must have.' }),
    timeLimitSeconds: t.exposeInt('timeLimitSeconds', { nullable: true, description: TIME }),
  }),
});
