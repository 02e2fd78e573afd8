import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pipeline } from 'node:stream/promises';
import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { LIST_FILES } from '../api/operations/job-files.ts';
import { EXIT } from '../exit-code.ts';
import type { ListFilesQuery } from '../graphql/graphql.ts';
import { formatBytes } from '../terminal/format.ts';
import { alignColumns } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface FilesFlags extends CommonFlags {
  readonly all?: boolean;
  readonly output?: string;
}

type File = NonNullable<ListFilesQuery['job']>['files']['edges'][number]['node'];

/** `trainyard files` */
export const addFiles: AddCommand = (program, run) => {
  program
    .command('files')
    .description('list or download the files that a job has written to its output folder')
    .argument('<job>', JOB_REFERENCE)
    .argument('[path...]', 'files to download; without one, the files are listed')
    .option('-a, --all', 'download all files')
    .option('-o, --output <folder>', 'folder to download to (default: the current one)')
    .addHelpText(
      'after',
      examples(
        ['trainyard files @last', 'list the files'],
        ['trainyard files @last model.bin', 'download one'],
        ['trainyard files @last --all -o results', 'download all into a folder'],
      ),
    )
    .action(run(files));
};

const files: Action<FilesFlags, [reference: string, paths: readonly string[]]> = async (
  context,
  flags,
  reference,
  paths,
) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  const id = await findJobId(api, reference);
  const { found, isTruncated } = await listFiles(api, id);
  if (isTruncated) console.error(screen.style('yellow', 'The job has more than 10,000 files; some are left out.'));
  if (paths.length === 0 && flags.all !== true) {
    if (flags.json === true) screen.print(JSON.stringify(found));
    else if (found.length === 0) screen.print(`Job ${id} has written no files to its output folder.`);
    else {
      const rows = found.map(({ path, bytes, modifiedAt }) => [formatBytes(bytes), modifiedAt, path]);
      for (const row of alignColumns(rows, ['RIGHT'])) screen.print(row);
    }
    return EXIT.SUCCESS;
  }
  const byPath = new Map(found.map((file) => [file.path, file]));
  const missing = paths.find((path) => !byPath.has(path));
  if (missing !== undefined)
    throw new UsageError(`Job ${id} has no file ${missing}. \`trainyard files\` lists its files.`);
  for (const file of flags.all === true ? found : paths.flatMap((path) => byPath.get(path) ?? [])) {
    const target = join(flags.output ?? '.', localPath(file));
    await save(api, file, target);
    if (flags.json === true) screen.print(JSON.stringify({ path: file.path, bytes: file.bytes, savedAs: target }));
    else screen.print(`${target} (${formatBytes(file.bytes)})`);
  }
  return EXIT.SUCCESS;
};

async function listFiles(api: Api, id: string): Promise<{ found: File[]; isTruncated: boolean }> {
  const found: File[] = [];
  for (let after: string | null = null; ;) {
    const { job }: ListFilesQuery = await api.request(LIST_FILES, { id, after });
    if (job === null) throw new ApiError(`Job ${id} does not exist.`, 'JobNotFoundError');
    found.push(...job.files.edges.map(({ node }) => node));
    if (!job.files.pageInfo.hasNextPage) return { found, isTruncated: job.files.isTruncated };
    after = job.files.pageInfo.endCursor;
  }
}

/** The path below the folder to download to. A server must not be able to choose a file outside it. */
function localPath({ path }: File): string {
  const names = path.split('/');
  if (names.every((name) => name !== '' && name !== '.' && name !== '..' && !/[\\:\0]/.test(name)))
    return join(...names);
  throw new ApiError(`The server sent the path ${JSON.stringify(path)}, which is not safe to write to.`, null);
}

async function save(api: Api, { url }: File, target: string): Promise<void> {
  const response = await api.download(url);
  await mkdir(dirname(target), { recursive: true });
  // An interrupted download leaves no file that looks complete.
  const partial = `${target}.part`;
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
  await pipeline(body, createWriteStream(partial));
  await rename(partial, target);
}
