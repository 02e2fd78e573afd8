import { previewDataset } from '../resolvers/preview-dataset.ts';
import type { DatasetColumn, DatasetPreview, MissingText, TargetPreview } from '../runner/index.ts';
import { builder } from './builder.ts';
import { DatasetRef } from './dataset.ts';

export const ColumnKindEnum = builder.enumType('ColumnKind', {
  description: 'Kind of a column, as the trainer interprets it.',
  values: {
    NUMBER: {
      value: 'number',
      description: 'Numeric values, in any usual notation. Up to 20% of the cells may hold something else.',
    },
    CATEGORY: { value: 'category', description: 'Labels: text values that repeat.' },
    DATE: { value: 'date', description: 'Dates, optionally with a time.' },
    TIME: { value: 'time', description: 'Times of day.' },
    TEXT: { value: 'text', description: 'Free text: texts of several words that rarely repeat.' },
    UNUSABLE: {
      value: 'unusable',
      description: 'Not usable for training: empty, constant, a row number, or an identifier. `note` gives the reason.',
    },
  } as const,
});

const MissingTextRef = builder.objectRef<MissingText>('MissingText').implement({
  description: 'A text that counts as missing.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'Text of the cells; empty for empty cells.' }),
    count: t.expose('count', { type: 'SafeInt', description: 'Number of cells with this text.' }),
  }),
});

const TargetTaskEnum = builder.enumType('TargetTask', {
  description: 'Task of predicting a column.',
  values: {
    REGRESSION: { value: 'regression', description: 'As a number.' },
    CLASSIFICATION: { value: 'classification', description: 'As one of several classes.' },
  } as const,
});

const TargetPreviewRef = builder.objectRef<TargetPreview>('TargetPreview').implement({
  description: 'Prediction of a column by the trainer `tabular`, and the baseline that a model has to beat.',
  fields: (t) => ({
    task: t.expose('task', {
      type: TargetTaskEnum,
      description: 'Task, unless the option `task` selects another one.',
    }),
    baseline: t.exposeString('baseline', {
      description: 'Prediction without a model: the mean of the numbers, or the most frequent class.',
    }),
    baselineScore: t.float({
      description:
        'Score of always predicting the baseline on the rows that were read: RMSE in the unit of the column, or accuracy from 0 to 1.',
      resolve: ({ score }) => score,
    }),
  }),
});

const DatasetColumnRef = builder.objectRef<DatasetColumn>('DatasetColumn').implement({
  description: 'A column, as inferred from the rows that the preview read.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name in the file, cut after 1,000 characters.' }),
    kind: t.expose('kind', { type: ColumnKindEnum, description: 'Kind of the column.' }),
    gaps: t.expose('gaps', { type: 'SafeInt', description: 'Number of missing values; `missing` lists their texts.' }),
    missing: t.field({
      type: [MissingTextRef],
      description:
        'Texts that count as missing: empty cells, and the usual markers such as NA in columns of numbers and dates. At most 20 texts.',
      // Dataset.preview is charged for the whole preview.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ missing }) => [...missing],
    }),
    distinct: t.expose('distinct', {
      type: 'SafeInt',
      nullable: true,
      description: 'Number of distinct values; null above 50 numbers.',
    }),
    minimum: t.exposeFloat('minimum', {
      nullable: true,
      description: 'Smallest number; null unless the kind is NUMBER.',
    }),
    maximum: t.exposeFloat('maximum', {
      nullable: true,
      description: 'Largest number; null unless the kind is NUMBER.',
    }),
    note: t.exposeString('note', {
      nullable: true,
      description:
        'Reason why the column is unusable, or what is unusual about it: the notation of its numbers, cells that the trainer ignores, different spellings; null if there is nothing to note.',
    }),
    target: t.field({
      type: TargetPreviewRef,
      nullable: true,
      description:
        'Prediction of this column; null if it cannot be the target. Only the first 200 columns and the default target are described.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ target }) => target,
    }),
  }),
});

const DatasetPreviewRef = builder.objectRef<DatasetPreview>('DatasetPreview').implement({
  description: 'First rows of a dataset, and how the trainer interprets its columns.',
  fields: (t) => ({
    notes: t.stringList({
      description:
        'Notes on the interpretation of the file, for example which lines before the header are left out; empty if there are none.',
      resolve: ({ notes }) => [...notes],
    }),
    columns: t.field({
      type: [DatasetColumnRef],
      description: 'Columns in file order, at most the first 1,000; `columnCount` counts all of them.',
      // Dataset.preview is charged for the whole preview.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ columns }) => [...columns],
    }),
    columnCount: t.expose('columnCount', { type: 'SafeInt', description: 'Total number of columns.' }),
    rows: t.field({
      type: t.listRef(t.listRef('String', { nullable: true })),
      description:
        'First rows: one cell text for each entry of `columns`, null for a missing value. Texts are cut after 1,000 characters. Fewer rows than requested are returned if they are very long.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ rows }) => rows.map((row) => [...row]),
    }),
    rowsRead: t.expose('rowsRead', {
      type: 'SafeInt',
      description: 'Number of rows that were read to infer kinds and counts.',
    }),
    complete: t.exposeBoolean('complete', {
      description: 'True if all rows were read. Otherwise later rows may change how a column is interpreted.',
    }),
    defaultTarget: t.exposeString('defaultTarget', {
      nullable: true,
      description:
        'Column that is predicted unless the option `target` names another one; null if no column can be predicted.',
    }),
  }),
});

builder.objectField(DatasetRef, 'preview', (t) =>
  t.field({
    type: DatasetPreviewRef,
    nullable: true,
    description:
      'First rows, and how the trainer interprets the columns, inferred from at most about 12,000 rows. Null if the file cannot be read; `problem` gives the reason. Errors have the code `DATASET_TOO_COSTLY` if reading takes too much time or memory, and `TOO_MANY_PREVIEWS` if the server is busy with previews of other files.',
    args: {
      rows: t.arg.int({ defaultValue: 20, description: 'Number of rows to return: 1 to 200.' }),
      options: t.arg({
        type: 'JSON',
        description:
          'Read options of the file: `encoding` and `header` of a table training. Other options have no effect.',
      }),
    },
    // Each preview runs a Python process: too expensive to request for every entry of `datasets`.
    complexity: { field: 1000, multiplier: 1 },
    resolve: (dataset, { rows, options }, context) => previewDataset(context, dataset, rows, options),
  }),
);
