import { previewDataset } from '../resolvers/preview-dataset.ts';
import type { DatasetColumn, DatasetPreview } from '../runner/index.ts';
import { builder } from './builder.ts';
import { DatasetRef } from './dataset.ts';

const ColumnKindEnum = builder.enumType('ColumnKind', {
  description: 'What the trainer takes a column for.',
  values: {
    NUMBER: { value: 'number', description: 'Quantities. Up to 5% of the cells may hold something else.' },
    CATEGORY: { value: 'category', description: 'Labels: texts that repeat.' },
    DATE: { value: 'date', description: 'Dates, perhaps with a time.' },
    UNUSABLE: {
      value: 'unusable',
      description: 'Nothing to learn from: empty, always the same, or another text in every row. `note` says which.',
    },
  } as const,
});

const DatasetColumnRef = builder.objectRef<DatasetColumn>('DatasetColumn').implement({
  description: 'A column, judged by the rows that the preview has read.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the file names it; cut after 1,000 characters.' }),
    kind: t.expose('kind', { type: ColumnKindEnum, description: 'What the trainer takes it for.' }),
    gaps: t.expose('gaps', { type: 'SafeInt', description: 'Cells without a value: empty, NA, null and the like.' }),
    distinct: t.expose('distinct', {
      type: 'SafeInt',
      nullable: true,
      description: 'Different values; null beyond 50 numbers or 50,000 texts.',
    }),
    minimum: t.exposeFloat('minimum', { nullable: true, description: 'The smallest number; null unless NUMBER.' }),
    maximum: t.exposeFloat('maximum', { nullable: true, description: 'The largest number; null unless NUMBER.' }),
    note: t.exposeString('note', {
      nullable: true,
      description: 'Why it is of no use, or what is passed over in it; null when all is plain.',
    }),
  }),
});

const DatasetPreviewRef = builder.objectRef<DatasetPreview>('DatasetPreview').implement({
  description: 'How a dataset begins, and what the trainer makes of that.',
  fields: (t) => ({
    columns: t.field({
      type: [DatasetColumnRef],
      description: 'The columns in order: the first 1,000 at most. `columnCount` less their number are left out.',
      // Dataset.preview is charged for all of it.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ columns }) => [...columns],
    }),
    columnCount: t.expose('columnCount', { type: 'SafeInt', description: 'How many columns there are in all.' }),
    rows: t.field({
      type: t.listRef(t.listRef('String', { nullable: true })),
      description:
        'The first rows: the text of a cell for each of `columns`, null for a gap. Texts are cut after 1,000 characters, and there are fewer rows than asked for where they are very long.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ rows }) => rows.map((row) => [...row]),
    }),
    rowsRead: t.expose('rowsRead', {
      type: 'SafeInt',
      description: 'How many rows kinds, gaps and all other counts come from.',
    }),
    complete: t.exposeBoolean('complete', {
      description: 'Whether these are all rows. Otherwise what comes later may change what a column is taken for.',
    }),
  }),
});

builder.objectField(DatasetRef, 'preview', (t) =>
  t.field({
    type: DatasetPreviewRef,
    nullable: true,
    description:
      'Its first rows, and what the trainer takes the columns for, judged by about 12,000 rows at most; null when it cannot be read, and `problem` then says why. Its errors have the code `DATASET_TOO_COSTLY` when reading takes too much time or memory, and `TOO_MANY_PREVIEWS` when the server is busy with previews of other files.',
    args: { rows: t.arg.int({ defaultValue: 20, description: 'How many rows to show: 1 to 200.' }) },
    // A Python process each: too dear to ask for with every entry of `datasets`.
    complexity: { field: 1000, multiplier: 1 },
    resolve: (dataset, { rows }, context) => previewDataset(context, dataset, rows),
  }),
);
