import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { EXIT } from '../exit-code.ts';
import { findModelOf, MODEL_REFERENCE } from '../predictions/newest-model.ts';
import { formatBytes } from '../terminal/format.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface ExportFlags extends CommonFlags {
  readonly output?: string;
}

/** `trainyard export` */
export const addExport: AddCommand = (program, run) => {
  program
    .command('export')
    .description('download the model of a job as ONNX, for programs without Python')
    .argument('<job>', MODEL_REFERENCE)
    .option('-o, --output <file>', 'file to write (default: <job>.onnx)')
    .addHelpText(
      'after',
      examples(
        ['trainyard export @last', 'the newest model'],
        ['trainyard export 3f7c2d2a -o houses.onnx', 'of a job, with a name'],
      ),
    )
    .action(run(exportModel));
};

const exportModel: Action<ExportFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  const id = await findModelOf(api, reference);
  const target = flags.output ?? `${id}.onnx`;
  const { body } = await api.download(`/models/${id}.onnx`);
  // An interrupted download leaves no file that looks complete.
  const partial = `${target}.part`;
  try {
    const content = body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream);
    await pipeline(content, createWriteStream(partial));
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const { size } = await stat(target);
  if (flags.json === true) screen.print(JSON.stringify({ modelOf: id, bytes: size, savedAs: target }));
  else screen.print(`${target} (${formatBytes(size)}), the model of job ${id}.`);
  return EXIT.SUCCESS;
};
