import type { LogLine } from './history.ts';
import { openGenerations } from './log-generations.ts';
import { type LogRecord, recordsFrom } from './log-records.ts';

/** Text of the other stream that waits for the end of a line, characters. */
const MAX_WAITING = 1024 * 1024;
const CHUNK = 64 * 1024;

/**
 * The whole log of a job as plain text, in pieces: what the process printed, without times, both streams in the order of their lines. It
 * ends where the log ended when it was opened. A missing file is an empty log.
 */
export async function* logText(path: string): AsyncGenerator<string> {
  await using generations = await openGenerations(path);
  let text = '';
  for await (const piece of joined(recordsFrom(generations.all, { generation: 0, offset: 0 }))) {
    text += piece;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Text of lines. A line is not interrupted by the other stream, which waits, though not without limit. */
async function* joined(records: AsyncIterable<LogRecord>): AsyncGenerator<string> {
  let unfinished: LogLine['stream'] | undefined;
  let waiting: LogRecord[] = [];
  let waitingLength = 0;

  function* write(record: LogRecord): Generator<string> {
    yield textOf(record);
    unfinished = record.kind === 'PART' ? record.stream : undefined;
  }

  function* release(): Generator<string> {
    // Of what waited, one stream can again be in the middle of a line.
    const released = waiting;
    waiting = [];
    waitingLength = 0;
    for (const record of released) {
      if (unfinished === undefined || record.stream === unfinished) yield* write(record);
      else waiting.push(record);
    }
  }

  for await (const record of records) {
    if (unfinished === undefined || record.stream === unfinished) {
      yield* write(record);
      if (unfinished === undefined) yield* release();
      continue;
    }
    waiting.push(record);
    waitingLength += record.text.length;
    if (waitingLength <= MAX_WAITING) continue;
    yield '\n';
    unfinished = undefined;
    yield* release();
  }
  while (unfinished !== undefined || waiting.length > 0) {
    if (unfinished !== undefined) yield '\n';
    unfinished = undefined;
    yield* release();
  }
}

function textOf({ text, length, kind }: LogRecord): string {
  const cut = length > text.length ? ` [line cut: ${length} characters]` : '';
  return `${text}${cut}${kind === 'PART' ? '' : '\n'}`;
}
