import { deleteDataset } from '../resolvers/delete-dataset.ts';
import { DatasetInUseError, DatasetNotFoundError } from '../runner/index.ts';
import { builder } from './builder.ts';

const DeleteDatasetInput = builder.inputType('DeleteDatasetInput', {
  description: 'Input of `deleteDataset`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Path relative to the datasets folder.' }),
  }),
});

const DeleteDatasetSuccessRef = builder.objectRef<{ readonly name: string }>('DeleteDatasetSuccess').implement({
  description: 'The dataset was deleted.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'Name of the deleted dataset.' }) }),
});

builder.mutationField('deleteDataset', (t) =>
  t.field({
    type: DeleteDatasetSuccessRef,
    description:
      'Deletes a file in the datasets folder. Refused while a job that has not ended, or waits for a retry, trains on it. A job that has ended keeps its model, and can no longer be resumed. An operator can delete only files that it uploaded itself.',
    args: { input: t.arg({ type: DeleteDatasetInput, required: true, description: 'Dataset to delete.' }) },
    authScopes: { operator: true },
    complexity: 50,
    errors: {
      types: [DatasetNotFoundError, DatasetInUseError],
      directResult: true,
      union: { name: 'DeleteDatasetResult', description: 'Result of `deleteDataset`.' },
    },
    resolve: (_root, { input }, context) => deleteDataset(context, input.name),
  }),
);
