import { InvalidInputError, type Job, type OutputFile } from '../runner/index.ts';
import type { Context } from './context.ts';
import { type Page, type PageArguments, takePage } from './page.ts';

/** A file of a job. */
export interface JobFile extends OutputFile {
  readonly jobId: string;
}

/** A page of a job's files in the shape of a Relay connection. */
export interface FilePage extends Page<JobFile> {
  readonly totalCount: number;
  readonly isTruncated: boolean;
}

/**
 * Lists one page of the files in a job's output folder, in the order of their paths.
 * @throws InvalidInputError for a page size out of range, `first` together with `last`, or a cursor of another list
 */
export async function listFiles({ runner, answer }: Context, job: Job, args: PageArguments): Promise<FilePage> {
  const read = () => runner.outputFiles(job);
  // Aliases share one listing.
  const { paths, isTruncated } = await (answer?.share(JSON.stringify(['files', job.id]), read) ?? read());
  const page = takePage(args, {
    list({ after, before, limit, fromEnd }) {
      const from = after === null ? 0 : paths.findIndex((path) => path > after);
      const to = before === null ? paths.length : paths.findIndex((path) => path >= before);
      const range = paths.slice(from === -1 ? paths.length : from, to === -1 ? paths.length : to);
      return fromEnd ? range.slice(-limit) : range.slice(0, limit);
    },
    placeOf: (path) => path,
    encode: (path) => Buffer.from(`file:${path}`).toString('base64url'),
    decode,
  });
  const files = await runner.describeOutputFiles(
    job,
    page.edges.map(({ node }) => node),
  );
  const byPath = new Map(files.map((file) => [file.path, file]));
  const edges = page.edges.flatMap(({ cursor, node }) => {
    const file = byPath.get(node);
    return file ? [{ cursor, node: { ...file, jobId: job.id } }] : [];
  });
  return { edges, pageInfo: page.pageInfo, totalCount: paths.length, isTruncated };
}

function decode(cursor: string, argument: 'after' | 'before'): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (text.startsWith('file:')) return text.slice('file:'.length);
  const message = `${argument} must be a cursor from an earlier page of files (pageInfo.endCursor, or the cursor of an edge).`;
  throw new InvalidInputError(message, [argument]);
}
