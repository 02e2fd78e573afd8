import type { DatasetDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Finds a dataset by name; null if there is none. */
export function findDataset({ runner }: Context, name: string): Promise<DatasetDescription | null> {
  return runner.dataset(name);
}
