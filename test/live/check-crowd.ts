import { check, describe } from '../faults/checker.ts';
import type { CrowdResult } from './crowd.ts';

/** Every promise of the live feeds that was broken, as text; empty when all were kept. */
export function brokenPromises({ history, logs, fleets, listed, errors }: CrowdResult): string[] {
  const broken = errors.map((error) => `a subscription was refused: ${error}`);
  const violations = describe(check(history), history);
  if (violations !== '') broken.push(violations);
  for (const { jobId, lines, log, gaps } of logs) {
    if (gaps > 0) broken.push(`the log of ${jobId} had ${gaps} gaps`);
    const wrong = log.findIndex((line, index) => lines[index] !== line);
    if (wrong !== -1 || lines.length !== log.length) {
      broken.push(`of the ${log.length} lines of ${jobId} ${lines.length} were read, and line ${wrong} is another`);
    }
  }
  for (const { known, cursors, gaps } of fleets) {
    if (gaps > 0) broken.push(`a list of jobs had ${gaps} gaps`);
    const numbers = cursors.map(numberOf);
    const back = numbers.findIndex((number, index) => number <= (numbers[index - 1] ?? -1));
    if (back !== -1) broken.push(`a cursor of jobsChanged went from ${numbers[back - 1]} to ${numbers[back]}`);
    const differs = [...listed].filter(([id, status]) => known.get(id) !== status);
    if (differs.length > 0 || known.size !== listed.size) {
      broken.push(`a list knew ${known.size} of ${listed.size} jobs, and of ${differs.length} another status`);
    }
  }
  return broken;
}

/** Cursors are opaque to clients; that they rise can only be seen inside. */
function numberOf(cursor: string): number {
  return Number(Buffer.from(cursor, 'base64url').toString().split(':').at(-1));
}
