import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { ApiError } from '../../api/errors.ts';
import { PREVIEW_DATASET } from '../../api/operations/datasets.ts';
import { EXIT } from '../../exit-code.ts';
import { fileSize } from '../../flags/file-size.ts';
import { formatBytes, formatCount } from '../../terminal/format.ts';
import { type Action, examples, type Run } from '../command.ts';
import { apiFor, type CommonFlags } from '../context.ts';

interface UploadFlags extends CommonFlags {
  readonly name?: string;
  readonly replace?: boolean;
}

/** `trainyard datasets upload` */
export function addUpload(datasets: Command, run: Run): void {
  datasets
    .command('upload')
    .description('add a CSV, TSV, JSON, JSONL or Parquet file; the server keeps all of it, or none')
    .argument('<file>', 'the file to upload')
    .option('-n, --name <name>', 'name on the server (default: the name of the file)')
    .option('--replace', 'replace a dataset of this name')
    .addHelpText(
      'after',
      examples(
        ['trainyard datasets upload ~/houses.csv', 'add a table'],
        ['trainyard datasets upload ~/new.csv --name houses.csv --replace', 'replace one'],
      ),
    )
    .action(run(upload));
}

const upload: Action<UploadFlags, [file: string]> = async (context, flags, file) => {
  const { screen } = context;
  const bytes = fileSize(file);
  const name = flags.name ?? basename(file);
  const api = apiFor(flags, context);
  try {
    const query = flags.replace === true ? '?replace=true' : '';
    await api.upload(`/datasets/${encodeURIComponent(name)}${query}`, createReadStream(file), bytes);
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind !== 'DATASET_EXISTS') throw error;
    throw new ApiError(
      `A dataset named ${JSON.stringify(name)} already exists. Use --name for another name, or --replace.`,
      error.kind,
      { cause: error },
    );
  }
  const { dataset } = await api.request(PREVIEW_DATASET, { name, rows: 1 });
  const rows = dataset?.rows ?? null;
  const problem = dataset?.problem ?? null;
  if (flags.json === true) screen.print(JSON.stringify({ name, bytes, rows, problem }));
  else if (problem !== null) {
    screen.print(screen.style('yellow', `${name} was uploaded (${formatBytes(bytes)}), but cannot be read: ${problem}`));
  } else if (rows === 0) {
    screen.print(screen.style('yellow', `${name} was uploaded, but has no rows below its header.`));
  } else screen.print(`${name} uploaded: ${rows === null ? '' : `${formatCount(rows)} rows, `}${formatBytes(bytes)}.`);
  return problem === null ? EXIT.SUCCESS : EXIT.FAILED;
};
