import { type JobCheckpoint, readCheckpoint } from '../resolvers/read-checkpoint.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

/** stop-outcome.ts shows it as well. */
export const CheckpointRef = builder.objectRef<JobCheckpoint>('Checkpoint').implement({
  description: 'A file or folder with the trained weights and everything that prediction or a resume needs.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description: "Path relative to the server's home folder, for example `models/job_1760320883609_3f7c2d2a.pt`.",
    }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'Size in bytes; of a folder: of all its files.' }),
    savedAt: t.expose('savedAt', {
      type: 'DateTime',
      description: 'Time when the file was written; of a folder: its newest file.',
    }),
    safetensorsPath: t.exposeString('safetensorsPath', {
      nullable: true,
      description:
        'Path of the same weights in safetensors format, which is safe to open and to share; null for a simulation.',
    }),
    url: t.string({
      nullable: true,
      description:
        'Download path on this server, for GET. If the server requires tokens, the GET needs one too. Null for a folder, such as a checkpoint of Transformers: `Job.files` lists its files.',
      resolve: ({ jobId, isFolder }) => (isFolder ? null : `/models/${jobId}`),
    }),
    safetensorsUrl: t.string({
      nullable: true,
      description: 'Download path of the file at `safetensorsPath`; null for a simulation.',
      resolve: ({ jobId, safetensorsPath }) => (safetensorsPath === null ? null : `/models/${jobId}.safetensors`),
    }),
    onnxUrl: t.string({
      nullable: true,
      description:
        'Download path of the model as ONNX, for programs without Python. Each download exports the newest model, which takes some seconds. Null unless the trainer is tabular.',
      resolve: ({ jobId, isExportable }) => (isExportable ? `/models/${jobId}.onnx` : null),
    }),
    simulation: t.exposeBoolean('simulation', { description: 'True if the file is a placeholder, not a model.' }),
  }),
});

builder.objectField(JobRef, 'checkpoint', (t) =>
  t.field({
    type: CheckpointRef,
    nullable: true,
    description: 'Latest complete checkpoint; null if there is none yet.',
    complexity: 3,
    tracing: true,
    resolve: (job, _args, context) => readCheckpoint(context, job),
  }),
);
