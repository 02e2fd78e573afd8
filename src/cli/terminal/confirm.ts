import { createInterface } from 'node:readline/promises';
import { UsageError } from '../usage-error.ts';

/**
 * Asks a yes-or-no question. The default is no.
 * @param signal ends the question, which then throws its reason
 * @throws UsageError without a terminal, where a user confirms with `--yes`
 */
export async function confirm(question: string, { signal }: { signal: AbortSignal }): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`${question} Confirm with --yes: standard input is not a terminal.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
