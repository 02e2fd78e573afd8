import type { DatasetDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Lists all datasets. */
export function listDatasets({ runner }: Context): Promise<readonly DatasetDescription[]> {
  return runner.datasets();
}
