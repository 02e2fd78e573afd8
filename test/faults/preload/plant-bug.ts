import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** One line of the program, replaced by a wrong one. */
export interface PlantedBug {
  /** How the file's path ends. */
  readonly file: string;
  readonly line: string;
  readonly wrong: string;
}

/** The environment variable that holds {@link PlantedBug} as JSON, for a process that this file is loaded into with `--import`. */
export const PLANTED_BUG = 'FAULT_PLANTED_BUG';

const planted = process.env[PLANTED_BUG];
if (planted !== undefined) plant(JSON.parse(planted) as PlantedBug);

function plant({ file, line, wrong }: PlantedBug): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith('file:') || !fileURLToPath(url).endsWith(file)) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      // If the line no longer exists, the bug must be adapted: a bug that is not planted proves nothing.
      if (source.split(line).length !== 2) throw new Error(`${file} does not hold this line exactly once: ${line}`);
      return { ...loaded, source: source.replace(line, () => wrong) };
    },
  });
}
