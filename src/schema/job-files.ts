import { type JobFile, listFiles } from '../resolvers/list-files.ts';
import { DEFAULT_PAGE } from '../resolvers/page.ts';
import { visibleLine } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const FileRef = builder.objectRef<JobFile>('File').implement({
  description: 'A file in the output folder of a job.',
  fields: (t) => ({
    path: t.string({
      description:
        'Path relative to the output folder, for example `checkpoints/best.pt`, with visible control characters.',
      resolve: ({ path }) => visibleLine(path),
    }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'File size in bytes.' }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'Time of the last change.' }),
    url: t.string({
      description: 'Download path on this server, for GET. If the server requires tokens, the GET needs one too.',
      resolve: ({ jobId, path }) => `/jobs/${jobId}/files/${path.split('/').map(encodeURIComponent).join('/')}`,
    }),
  }),
});

builder.objectField(JobRef, 'files', (t) =>
  t.connection(
    {
      type: FileRef,
      description:
        'Lists the files in the output folder of the job page by page, in the order of their paths. Hidden files (`.name`) and links are left out.',
      complexity: ({ first, last }) => ({ field: 20, multiplier: first ?? last ?? DEFAULT_PAGE }),
      tracing: true,
      resolve: (job, args, context) => listFiles(context, job, args),
    },
    {
      name: 'FileConnection',
      description: 'A page of files.',
      fields: (connection) => ({
        totalCount: connection.exposeInt('totalCount', { description: 'Number of files, on all pages.' }),
        isTruncated: connection.exposeBoolean('isTruncated', {
          description: 'True if the folder has more than 10,000 files: the list then has only some of them.',
        }),
      }),
    },
    { name: 'FileEdge', description: 'A file on a page.' },
  ),
);

builder.objectField(JobRef, 'logUrl', (t) =>
  t.string({
    description:
      'Download path of the whole log as plain text, for GET. If the server requires tokens, the GET needs one too.',
    resolve: ({ id }) => `/jobs/${id}/log`,
  }),
);
