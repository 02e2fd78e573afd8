import type { Job, Provenance } from '../runner/index.ts';
import type { Context } from './context.ts';

/** What the newest attempt of a job ran; null if it has not recorded it. */
export function readProvenance({ runner, answer }: Context, job: Job): Promise<Provenance | null> {
  const read = () => runner.provenance(job);
  // Aliases share one read.
  return answer?.share(JSON.stringify(['provenance', job.id]), read) ?? read();
}
