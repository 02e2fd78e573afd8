import type { Evaluation, Job } from '../runner/index.ts';
import type { Context } from './context.ts';

/** An evaluation as clients get it: times are ISO 8601. */
export type EvaluationAnswer = Omit<Evaluation, 'at'> & { readonly at: string };

/** The measured quality of a job's model; null if its trainer has not evaluated it. */
export async function readEvaluation({ runner, answer }: Context, job: Job): Promise<EvaluationAnswer | null> {
  const read = () => runner.evaluation(job);
  // Aliases share one read.
  const found = await (answer?.share(JSON.stringify(['evaluation', job.id]), read) ?? read());
  return found && { ...found, at: new Date(found.at).toISOString() };
}
