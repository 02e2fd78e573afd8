import { findDataset } from '../resolvers/find-dataset.ts';
import { listDatasets } from '../resolvers/list-datasets.ts';
import type { DatasetDescription } from '../runner/index.ts';
import { builder } from './builder.ts';

/** Its `preview` is added by dataset-preview.ts. */
export const DatasetRef = builder.objectRef<DatasetDescription>('Dataset').implement({
  description: 'A file that can be trained on.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What StartTrainingInput calls it: relative to the datasets folder.' }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'The size of the file.' }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'When the file was last changed.' }),
    format: t.exposeString('format', {
      nullable: true,
      description: '`CSV`, `TSV` or `JSONL`; null when it is none of these.',
    }),
    columns: t.stringList({
      nullable: true,
      description:
        'The names of the columns, in order: the first 1,000 at most, each cut after 1,000 characters. Null where the file cannot be read, or not yet: a list of many new files is read in several requests.',
      resolve: ({ columns }) => (columns === null ? null : [...columns]),
    }),
    columnCount: t.expose('columnCount', {
      type: 'SafeInt',
      nullable: true,
      description: 'The number of all columns, which can be more than `columns` names; null where `columns` is.',
    }),
    rows: t.expose('rows', {
      type: 'SafeInt',
      nullable: true,
      description:
        'Rows of data, the header not counted; null where the file cannot be read, or is so large that they are not counted (from 64 MiB on, or beyond some seconds of processor time), or not yet.',
    }),
    problem: t.exposeString('problem', {
      nullable: true,
      description: 'Why the file cannot be read; null when it can.',
    }),
    url: t.string({
      description:
        'Where it can be downloaded with a GET: a path on this server. With tokens set, the GET needs one too.',
      resolve: ({ name }) => `/datasets/${name.split('/').map(encodeURIComponent).join('/')}`,
    }),
  }),
});

builder.queryField('datasets', (t) =>
  t.field({
    type: [DatasetRef],
    description: 'Every file in the datasets folder.',
    complexity: { field: 50, multiplier: 20 },
    resolve: async (_root, _args, context) => [...(await listDatasets(context))],
  }),
);

builder.queryField('dataset', (t) =>
  t.field({
    type: DatasetRef,
    nullable: true,
    description: 'One file in the datasets folder; null when there is none of this name.',
    args: { name: t.arg.string({ required: true, description: 'Relative to the datasets folder.' }) },
    complexity: { field: 50, multiplier: 1 },
    resolve: (_root, { name }, context) => findDataset(context, name),
  }),
);
