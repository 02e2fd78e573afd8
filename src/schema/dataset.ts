import { ownerOfDataset } from '../resolvers/delete-dataset.ts';
import { findDataset } from '../resolvers/find-dataset.ts';
import { listDatasets } from '../resolvers/list-datasets.ts';
import type { DatasetDescription } from '../runner/index.ts';
import { builder } from './builder.ts';

/** A dataset; dataset-preview.ts adds the field `preview`. */
export const DatasetRef = builder.objectRef<DatasetDescription>('Dataset').implement({
  description: 'A file to train on.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Path relative to the datasets folder, as used in StartTrainingInput.',
    }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'File size in bytes.' }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'Time of the last change to the file.' }),
    format: t.exposeString('format', {
      nullable: true,
      description: 'File format: `CSV`, `TSV`, `JSON`, `JSONL` or `PARQUET`; null for any other.',
    }),
    columns: t.stringList({
      nullable: true,
      description:
        'Column names in file order: at most the first 1,000, each cut after 1,000 characters. Null if the file cannot be read or has not been read yet: a list of many new files is read over several requests.',
      resolve: ({ columns }) => (columns === null ? null : [...columns]),
    }),
    columnCount: t.expose('columnCount', {
      type: 'SafeInt',
      nullable: true,
      description: 'Total number of columns, which can be more than `columns` lists; null if `columns` is null.',
    }),
    rows: t.expose('rows', {
      type: 'SafeInt',
      nullable: true,
      description:
        'Number of data rows, without the header. Null if the file cannot be read, has not been read yet, or is too large to count (from 64 MiB, or after some seconds of processor time).',
    }),
    problem: t.exposeString('problem', {
      nullable: true,
      description: 'Reason why the file cannot be read; null if it can.',
    }),
    uploadedBy: t.string({
      nullable: true,
      description:
        'User who uploaded the file, and who may delete it; null for a file that no user uploaded, which only an admin may delete.',
      resolve: ({ name }, _args, context) => ownerOfDataset(context, name),
    }),
    url: t.string({
      description: 'Download path on this server, for GET. If the server requires tokens, the GET needs one too.',
      resolve: ({ name }) => `/datasets/${name.split('/').map(encodeURIComponent).join('/')}`,
    }),
  }),
});

builder.queryField('datasets', (t) =>
  t.field({
    type: [DatasetRef],
    description: 'All files in the datasets folder.',
    complexity: { field: 50, multiplier: 20 },
    resolve: async (_root, _args, context) => [...(await listDatasets(context))],
  }),
);

builder.queryField('dataset', (t) =>
  t.field({
    type: DatasetRef,
    nullable: true,
    description: 'Fetches one file in the datasets folder; null if none has this name.',
    args: { name: t.arg.string({ required: true, description: 'Path relative to the datasets folder.' }) },
    complexity: { field: 50, multiplier: 1 },
    resolve: (_root, { name }, context) => findDataset(context, name),
  }),
);
