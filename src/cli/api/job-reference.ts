import type { Api } from './create-api.ts';
import { ApiError } from './errors.ts';
import { FIND_IDS } from './operations.ts';

const PAGE = 200;
const COMPLETE_ID = /^job_\d+_[0-9a-f]{8}$/;
const SHOWN = 5;

/** How a job may be named, for help texts. */
export const JOB_REFERENCE = 'id of the job, a beginning or an end of it that only one job has, or @last';

/**
 * The id of the job that somebody means.
 * @param reference a whole id, a beginning (with or without `job_`) or an end of one, or `@last` for the newest job
 * @throws ApiError when it fits no job, or several
 */
export async function findJobId(api: Api, reference: string): Promise<string> {
  if (COMPLETE_ID.test(reference)) return reference;
  if (reference === '@last') {
    const { jobs } = await api.ask(FIND_IDS, { first: 1 });
    const newest = jobs.edges[0]?.node;
    if (newest === undefined) throw new ApiError('There is no job yet. `trainyard start` starts one.', null);
    return newest.id;
  }
  const found = await findJobs(api, reference);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) {
    throw new ApiError(
      `No job's id begins or ends with ${JSON.stringify(reference)}. \`trainyard jobs\` lists them.`,
      'JobNotFoundError',
    );
  }
  const more = found.length > SHOWN ? ', and more' : '';
  throw new ApiError(
    `${JSON.stringify(reference)} fits ${found.slice(0, SHOWN).join(', ')}${more}. Give more of the id.`,
    null,
  );
}

/** The jobs that fit, more than {@link SHOWN} not all of them. */
async function findJobs(api: Api, reference: string): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  // The server finds what contains it, in the name or notes as well; where in the id it stands is looked at here.
  do {
    const { jobs }: Awaited<ReturnType<typeof page>> = await page(api, reference, after);
    const ids = jobs.edges.map(({ node }) => node.id);
    found.push(
      ...ids.filter((id) => id.startsWith(reference) || id.startsWith(`job_${reference}`) || id.endsWith(reference)),
    );
    after = jobs.pageInfo.hasNextPage ? jobs.pageInfo.endCursor : null;
  } while (after !== null && found.length <= SHOWN);
  return found;
}

function page(api: Api, text: string, after: string | null) {
  return api.ask(FIND_IDS, { first: PAGE, after, filter: { text } });
}
