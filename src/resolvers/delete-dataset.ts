import { forbidden, mayAdminister, mayOperate } from './authorize.ts';
import type { Context } from './context.ts';

/**
 * Deletes a dataset: an admin any, an operator one that it uploaded itself.
 * @throws DatasetNotFoundError, DatasetInUseError, ForbiddenError
 */
export async function deleteDataset(context: Context, name: string): Promise<{ readonly name: string }> {
  const { caller, runner } = context;
  const owner = runner.datasetOwner(name);
  const isOwn = mayOperate(context) && owner !== null && owner === caller.user;
  if (!mayAdminister(context) && !isOwn) throw forbidden(context, 'deleting this dataset');
  await runner.deleteDataset(name);
  return { name };
}

/** The user who uploaded a dataset; null if there is none. */
export function ownerOfDataset({ runner }: Context, name: string): string | null {
  return runner.datasetOwner(name);
}
