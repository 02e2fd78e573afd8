import type { Api } from './create-api.ts';
import { ApiError } from './errors.ts';
import { FIND_IDS } from './operations/jobs.ts';

const PAGE = 200;
const COMPLETE_ID = /^job_\d+_[0-9a-f]{8}$/;
/** `@last` or `@1` is the newest job, `@2` the one before it. */
const NEWEST = /^@(last|[1-9]\d?)$/;
const MAX_LISTED = 5;

/** How to refer to a job, for help texts. */
export const JOB_REFERENCE = 'job id, a unique start or end of it, or @last for the newest job';

/** The end of an id, which also identifies the job. */
export function shortId(id: string): string {
  return id.slice(id.lastIndexOf('_') + 1);
}

/**
 * Resolves a job reference to an id.
 * @param reference an id, a unique start (with or without `job_`) or end of one, `@last` for the newest job, or `@2` for the one before it
 * @throws ApiError when it matches no job, or several
 */
export async function findJobId(api: Api, reference: string): Promise<string> {
  if (COMPLETE_ID.test(reference)) return reference;
  const age = NEWEST.exec(reference)?.[1];
  if (age !== undefined) {
    const { jobs } = await api.request(FIND_IDS, { first: age === 'last' ? 1 : Number(age) });
    const found = jobs.edges[age === 'last' ? 0 : Number(age) - 1]?.node;
    if (found !== undefined) return found.id;
    const count = jobs.edges.length;
    if (count === 0) throw new ApiError('There are no jobs yet. `trainyard start` starts one.', null);
    throw new ApiError(`There ${count === 1 ? 'is only one job' : `are only ${count} jobs`}.`, 'JobNotFoundError');
  }
  const found = await findJobs(api, reference);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) {
    throw new ApiError(
      `No job id starts or ends with ${JSON.stringify(reference)}. \`trainyard jobs\` lists all jobs.`,
      'JobNotFoundError',
    );
  }
  const more = found.length > MAX_LISTED ? ', and more' : '';
  throw new ApiError(
    `${JSON.stringify(reference)} matches ${found.slice(0, MAX_LISTED).join(', ')}${more}. Use more characters of the id.`,
    null,
  );
}

/** The ids that match; stops after more than {@link MAX_LISTED}. */
async function findJobs(api: Api, reference: string): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  // The server searches for the text anywhere, also in names and notes. Here only starts and ends of ids count.
  do {
    const { jobs }: Awaited<ReturnType<typeof page>> = await page(api, reference, after);
    const ids = jobs.edges.map(({ node }) => node.id);
    found.push(
      ...ids.filter((id) => id.startsWith(reference) || id.startsWith(`job_${reference}`) || id.endsWith(reference)),
    );
    after = jobs.pageInfo.hasNextPage ? jobs.pageInfo.endCursor : null;
  } while (after !== null && found.length <= MAX_LISTED);
  return found;
}

function page(api: Api, text: string, after: string | null) {
  return api.request(FIND_IDS, { first: PAGE, after, filter: { text } });
}
