import type { Resources } from '../runner/index.ts';
import { builder } from './builder.ts';

const DESCRIPTIONS = {
  cpus: 'Number of CPUs on each node. On one machine: the number of threads of all processes together.',
  memoryMb:
    'Memory on each node in MiB. On one machine: the limit of the private writable memory of each process; a process that needs more fails with OUT_OF_MEMORY.',
  gpuType:
    'Kind of the `gpus`, for example `a100`. On a cluster only, like all fields below except `timeLimitSeconds`.',
  nodes: 'Number of nodes; above 1 for scripts only, which torchrun starts on each node.',
  partition: 'Partition of the cluster.',
  account: 'Account that is charged.',
  qos: 'Quality of service.',
  constraint: 'Features that the nodes must have.',
  timeLimitSeconds:
    'Maximum time in seconds that the resources are held; the attempt then saves a checkpoint and ends. Slurm counts in minutes, and requests the save up to two minutes earlier.',
};

export const ResourcesInput = builder.inputType('ResourcesInput', {
  description:
    'Requirements of a job on its machine. An administrator lists the allowed names in the settings of the server.',
  fields: (t) => ({
    cpus: t.int({ description: DESCRIPTIONS.cpus }),
    memoryMb: t.int({ description: DESCRIPTIONS.memoryMb }),
    gpus: t.int({ description: 'Number of GPUs on each node; the same as `gpus` of the input.' }),
    gpuType: t.string({ description: DESCRIPTIONS.gpuType }),
    nodes: t.int({ description: DESCRIPTIONS.nodes }),
    processesPerNode: t.int({ description: 'Number of processes on each node; the same as `processes` of the input.' }),
    partition: t.string({ description: DESCRIPTIONS.partition }),
    account: t.string({ description: DESCRIPTIONS.account }),
    qos: t.string({ description: DESCRIPTIONS.qos }),
    constraint: t.string({ description: DESCRIPTIONS.constraint }),
    timeLimitSeconds: t.int({ description: DESCRIPTIONS.timeLimitSeconds }),
  }),
});

export const ResourcesRef = builder.objectRef<Resources>('Resources').implement({
  description: 'Requirements of a job on its machine. Null: the default of the machine or the cluster.',
  fields: (t) => ({
    cpus: t.exposeInt('cpus', { nullable: true, description: DESCRIPTIONS.cpus }),
    memoryMb: t.exposeInt('memoryMb', { nullable: true, description: DESCRIPTIONS.memoryMb }),
    gpuType: t.exposeString('gpuType', { nullable: true, description: DESCRIPTIONS.gpuType }),
    nodes: t.exposeInt('nodes', { nullable: true, description: DESCRIPTIONS.nodes }),
    partition: t.exposeString('partition', { nullable: true, description: DESCRIPTIONS.partition }),
    account: t.exposeString('account', { nullable: true, description: DESCRIPTIONS.account }),
    qos: t.exposeString('qos', { nullable: true, description: DESCRIPTIONS.qos }),
    constraint: t.exposeString('constraint', { nullable: true, description: DESCRIPTIONS.constraint }),
    timeLimitSeconds: t.exposeInt('timeLimitSeconds', { nullable: true, description: DESCRIPTIONS.timeLimitSeconds }),
  }),
});
