import type { DatasetDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The file of this name that a training can be started with; null when there is none. */
export function findDataset({ runner }: Context, name: string): Promise<DatasetDescription | null> {
  return runner.dataset(name);
}
