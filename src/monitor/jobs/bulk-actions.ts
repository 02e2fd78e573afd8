import { CombinedError } from 'urql';
import { errorMessage, type Session } from '../live/session.ts';
import { deselect } from './selection.ts';
import {
  DeleteSelectedDocument,
  SelectedJobsDocument,
  StopSelectedDocument,
  TagSelectedDocument,
} from './operations.ts';

/** The result of an action on several jobs, for users. */
export interface BulkResult {
  readonly message: string;
  readonly isBad: boolean;
}

/** Requests in progress at once. */
const AT_ONCE = 6;

/** Asks jobs to save and stop. Jobs that have ended stay as they are. */
export async function stopJobs(session: Session, ids: readonly string[]): Promise<BulkResult> {
  let ended = 0;
  const problems = await forEach(ids, async (id) => {
    const { stopTraining: result } = await session.mutate(StopSelectedDocument, { id });
    if (result.__typename === 'AlreadyEndedError') ended += 1;
    else if ('message' in result) return result.message;
    return null;
  });
  const stopped = ids.length - ended - problems.length;
  return describe([`${jobs(stopped)} stopping`, ended > 0 && `${jobs(ended)} had ended before`], problems);
}

/** Adds a tag to jobs, whatever their status. */
export async function tagJobs(session: Session, ids: readonly string[], tag: string): Promise<BulkResult> {
  const found = await session.query(SelectedJobsDocument, { ids: [...ids], first: ids.length });
  const problems = await forEach(found.jobs.edges, async ({ node: { id, tags } }) => {
    if (tags.includes(tag)) return null;
    const { updateJob: result } = await session.mutate(TagSelectedDocument, { id, tags: [...tags, tag] });
    return 'message' in result ? result.message : null;
  });
  return describe([`${jobs(ids.length - problems.length)} tagged with ${tag}`], problems);
}

/** Deletes jobs that have ended. @returns why some were not deleted; null if all were */
export async function deleteJobs(session: Session, ids: readonly string[], keepalive: boolean): Promise<string | null> {
  const { deleteJobs: result } = await session.mutate(DeleteSelectedDocument, { ids: [...ids] }, { keepalive });
  if ('message' in result) return result.message;
  deselect(session, result.deletedIds);
  const kept = ids.length - result.deletedIds.length;
  if (kept === 0) return null;
  const what = kept === 1 ? '1 job was not deleted: it has' : `${kept} jobs were not deleted: they have`;
  return `${what} not ended, or another user started it. Stop it first.`;
}

/** For example `3 jobs`. */
export function jobs(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`;
}

function describe(done: readonly (string | false)[], problems: readonly string[]): BulkResult {
  const parts = done.filter((part) => part !== false && !part.startsWith('0 '));
  if (problems.length > 0)
    parts.push(`${jobs(problems.length)} failed: ${[...new Set(problems)].slice(0, 3).join(' ')}`);
  return { message: parts.join('; '), isBad: problems.length > 0 };
}

/** Runs `work` for each item. @returns the problems, each a sentence */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<string | null>): Promise<string[]> {
  const problems: string[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const results = await Promise.all(
      items.slice(from, from + AT_ONCE).map((item) =>
        work(item).catch((error: unknown) => {
          // Without a connection the rest would fail as well.
          if (error instanceof CombinedError && error.networkError) throw error;
          return errorMessage(error);
        }),
      ),
    );
    problems.push(...results.filter((problem) => problem !== null));
  }
  return problems;
}
