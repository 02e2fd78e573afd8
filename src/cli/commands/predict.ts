import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { EXIT } from '../exit-code.ts';
import { fileSize } from '../flags/file-size.ts';
import { readOption } from '../flags/values.ts';
import { findModelOf, MODEL_REFERENCE } from '../predictions/newest-model.ts';
import { parseTable } from '../predictions/parse-table.ts';
import { predictDataset } from '../predictions/predict-dataset.ts';
import { predictTable } from '../predictions/predict-table.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

/** A larger file is uploaded and predicted in a job. */
const MAX_DIRECT_BYTES = 1024 * 1024;

interface PredictFlags extends CommonFlags {
  readonly output?: string;
  readonly option?: readonly string[];
}

/** `trainyard predict` */
export const addPredict: AddCommand = (program, run) => {
  program
    .command('predict')
    .description('predict the rows of a table with the model of a job, as CSV')
    .argument('<job>', MODEL_REFERENCE)
    .argument('<file>', 'CSV, TSV or JSONL file with the columns of the model, also as .gz')
    .option('-o, --output <file>', 'CSV file to write (default: standard output)')
    .option(
      '--option <key=value>',
      'how to read the file, as in start: encoding=gb18030, header=false or header=3; may be repeated',
      (text, previous?: readonly string[]) => [...(previous ?? []), text],
    )
    .addHelpText(
      'after',
      [
        '',
        'The server predicts plain tables of up to 1 MB immediately. Others are uploaded and predicted in a job, and the upload is deleted afterwards.',
        examples(
          ['trainyard predict @last new.csv', 'print the rows with their predictions'],
          ['trainyard predict @last new.csv -o predictions.csv', 'write them to a file'],
          ['trainyard predict @last new.csv --option encoding=gb18030', 'read a file that is not UTF-8'],
          ['trainyard predict 3f7c2d2a big.csv.gz -o predictions.csv', 'predict a large table in a job'],
        ),
      ].join('\n'),
    )
    .action(run(predict));
};

const predict: Action<PredictFlags, [reference: string, file: string]> = async (context, flags, reference, file) => {
  const { output } = flags;
  if (flags.json === true && output === undefined) {
    throw new UsageError('--json prints a summary, so the predictions need a file: add --output predictions.csv.');
  }
  const bytes = fileSize(file);
  const api = apiFor(flags, context);
  const id = await findModelOf(api, reference);
  const warn = (line: string) => console.error(context.screen.style('yellow', line));
  const options = flags.option === undefined ? null : Object.fromEntries(flags.option.map(readOption));
  const table = options === null && bytes <= MAX_DIRECT_BYTES ? parseTable(file, readFileSync(file)) : null;
  let jobId: string | null = null;
  if (table === null) {
    const say = (line: string) => console.error(context.screen.style('dim', line));
    const predicted = await predictDataset(api, { modelOf: id, file, bytes, options, say, warn });
    if ('exitCode' in predicted) return predicted.exitCode;
    ({ jobId } = predicted);
    await write(predicted.csv, output);
  } else {
    const { csv, warnings } = await predictTable(api, id, table);
    warnings.forEach(warn);
    await write([csv], output);
  }
  if (flags.json === true) context.screen.print(JSON.stringify({ modelOf: id, jobId, savedAs: output }));
  else if (output !== undefined) context.screen.print(`${output} written, with the model of job ${id}.`);
  return EXIT.SUCCESS;
};

/** Writes to a file, which appears when it is complete, or to standard output. */
async function write(content: Iterable<string> | AsyncIterable<Uint8Array>, output: string | undefined): Promise<void> {
  if (output === undefined) {
    for await (const chunk of content) {
      if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    return;
  }
  const partial = `${output}.part`;
  await writeFile(partial, content);
  await rename(partial, output);
}
