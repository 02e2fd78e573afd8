import type { Job, Provenance } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The script, arguments, versions and machine of a job's newest attempt; null if it has not recorded them. */
export function readProvenance({ runner, answer }: Context, job: Job): Promise<Provenance | null> {
  const read = () => runner.provenance(job);
  // Aliases share one read.
  return answer?.share(JSON.stringify(['provenance', job.id]), read) ?? read();
}
