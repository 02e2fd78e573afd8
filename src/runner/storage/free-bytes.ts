import { statfs } from 'node:fs/promises';

/** Free space is read at most once in this time, ms: a burst of starts asks once. */
const FRESH_MS = 1_000;

/** Bytes that are free for this user on the fullest of the file systems that hold these folders. */
export function createFreeBytes(folders: readonly string[]): () => Promise<number> {
  let value: Promise<number> | undefined;
  let freshUntil = -Infinity;

  async function read(): Promise<number> {
    const systems = await Promise.all(folders.map((folder) => statfs(folder)));
    return Math.min(...systems.map(({ bavail, bsize }) => bavail * bsize));
  }

  return () => {
    if (value && performance.now() < freshUntil) return value;
    freshUntil = Infinity;
    const reading = read();
    value = reading;
    reading.then(
      () => (freshUntil = performance.now() + FRESH_MS),
      () => (freshUntil = -Infinity),
    );
    return reading;
  };
}
