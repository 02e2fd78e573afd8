import type { TrainerDescription } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Every trainer, also those that cannot run here. */
export function listTrainers({ runner }: Context): Promise<readonly TrainerDescription[]> {
  return runner.trainers();
}
