import type { TrainerDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Lists all trainers, including those that cannot run on this server. */
export function listTrainers({ runner }: Context): Promise<readonly TrainerDescription[]> {
  return runner.trainers();
}
