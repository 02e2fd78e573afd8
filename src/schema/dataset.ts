import { listDatasets } from '../resolvers/list-datasets.ts';
import type { DatasetDescription } from '../runner/index.ts';
import { builder } from './builder.ts';

const DatasetRef = builder.objectRef<DatasetDescription>('Dataset').implement({
  description: 'A file that can be trained on.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What StartTrainingInput calls it: relative to the datasets folder.' }),
    bytes: t.exposeFloat('bytes', { description: 'The size of the file: a whole number, perhaps beyond 32 bits.' }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'When the file was last changed.' }),
    format: t.exposeString('format', {
      nullable: true,
      description: '`CSV`, `TSV` or `JSONL`; null when it is none of these.',
    }),
    columns: t.stringList({
      nullable: true,
      description: 'The names of the columns; null where the file cannot be read.',
      resolve: ({ columns }) => (columns === null ? null : [...columns]),
    }),
    rows: t.exposeInt('rows', {
      nullable: true,
      description: 'Rows of data, the header not counted; null where the file cannot be read.',
    }),
    problem: t.exposeString('problem', {
      nullable: true,
      description: 'Why the file cannot be read; null when it can.',
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
