import { ModelUnavailableError } from '../job/errors.ts';
import type { Job } from '../job/types.ts';
import type { Home } from '../home.ts';
import { findModelFile } from '../reports/model-file.ts';

/** The trainer whose models can predict rows. */
const PREDICTING_TRAINER = 'tabular';

/**
 * The model file of a job that can predict rows: the `.safetensors` file, which cannot contain code, or else the checkpoint, which Python
 * loads with `weights_only`.
 * @throws ModelUnavailableError if there is none
 */
export async function modelOf(home: Home, job: Job): Promise<string> {
  const { trainer } = job.request;
  if (trainer !== PREDICTING_TRAINER) {
    throw new ModelUnavailableError(
      job.id,
      `Job ${job.id} was trained by ${trainer}. Only models of the trainer ${PREDICTING_TRAINER} can predict rows.`,
    );
  }
  if (job.simulation) {
    throw new ModelUnavailableError(job.id, `Job ${job.id} is a simulation: no model was trained.`);
  }
  const path = (await findModelFile(home, job, 'SAFETENSORS')) ?? (await findModelFile(home, job, 'CHECKPOINT'));
  if (path !== null) return path;
  const message =
    job.checkpoint === null
      ? `Job ${job.id} has not saved a model yet. Wait until it has, or use another job.`
      : `The model of job ${job.id} was deleted. Train it again, or use another job.`;
  throw new ModelUnavailableError(job.id, message);
}
