import type { DatasetDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Every file that a training can be started with. */
export function listDatasets({ runner }: Context): Promise<readonly DatasetDescription[]> {
  return runner.datasets();
}
