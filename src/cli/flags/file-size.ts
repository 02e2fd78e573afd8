import { statSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';

/**
 * The size of a file that the user names, bytes.
 * @throws UsageError unless it is a file
 */
export function fileSize(file: string): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${file} does not exist.`);
  if (!stats.isFile()) throw new UsageError(`${file} is not a file.`);
  return stats.size;
}
