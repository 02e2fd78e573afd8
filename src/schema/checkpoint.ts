import { type JobCheckpoint, readCheckpoint } from '../resolvers/read-checkpoint.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const CheckpointRef = builder.objectRef<JobCheckpoint>('Checkpoint').implement({
  description: 'The file that holds the trained weights and all that is needed to predict with them.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description: "Relative to the server's home folder, for example `models/job_1760320883609_3f7c2d2a.pt`.",
    }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'The size of the file.' }),
    savedAt: t.expose('savedAt', { type: 'DateTime', description: 'When the file was written.' }),
    safetensorsPath: t.exposeString('safetensorsPath', {
      nullable: true,
      description: 'The same weights in a format that is safe to open and to pass on; null for a simulation.',
    }),
    url: t.string({
      description:
        'Where it can be downloaded with a GET: a path on this server. With tokens set, the GET needs one too.',
      resolve: ({ jobId }) => `/models/${jobId}`,
    }),
    safetensorsUrl: t.string({
      nullable: true,
      description: 'The same of the file at `safetensorsPath`.',
      resolve: ({ jobId, safetensorsPath }) => (safetensorsPath === null ? null : `/models/${jobId}.safetensors`),
    }),
    simulation: t.exposeBoolean('simulation', { description: 'True when the file is a placeholder, not a model.' }),
  }),
});

builder.objectField(JobRef, 'checkpoint', (t) =>
  t.field({
    type: CheckpointRef,
    nullable: true,
    description: 'Its newest complete checkpoint; null while there is none.',
    complexity: 3,
    tracing: true,
    resolve: (job, _args, context) => readCheckpoint(context, job),
  }),
);
