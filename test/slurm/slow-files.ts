import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PYTHON } from '../support/runner.ts';
import type { Random } from '../faults/random.ts';

/** Folders whose files the nodes write. */
const FOLDERS = ['jobs', 'exits', 'metrics', 'provenance', 'evaluations', 'outputs', 'staging'];
/** Folders that both sides see alike. */
const SHARED = ['artifacts/specs', 'artifacts/logs', 'models', 'datasets', 'trainers'];

export interface SlowFilesSettings {
  /** Home folder of the server. */
  readonly home: string;
  /** Home folder of the nodes, which does not exist yet. */
  readonly nodes: string;
  readonly random: Random;
  /** Longest time until a file is visible to the server, ms. */
  readonly longestDelay: number;
  /** How far the clocks of the nodes are ahead of that of the server, seconds; negative if they are behind. */
  readonly clockSeconds: number;
}

/** A shared file system on which the server sees what nodes have written later, and in another order. */
export interface SlowFiles extends Disposable {
  /** The interpreter for the nodes, as `TRAINYARD_PYTHON`. */
  readonly python: string;
  /** How many versions of files have become visible, and how many were before an older one of another file. */
  readonly counts: { published: number; overtook: number };
}

interface Version {
  readonly path: string;
  readonly content: Buffer;
  readonly writtenAt: number;
  readonly visibleAt: number;
}

/**
 * Gives the nodes a home folder of their own, and copies what they write to that of the server: each file after a random time, its
 * versions in order. For a moment, a replaced file does not exist, and an appended one ends anywhere.
 */
export function createSlowFiles({ home, nodes, random, longestDelay, clockSeconds }: SlowFilesSettings): SlowFiles {
  for (const name of SHARED) {
    mkdirSync(join(home, name), { recursive: true, mode: 0o700 });
    mkdirSync(dirname(join(nodes, name)), { recursive: true, mode: 0o700 });
    symlinkSync(join(home, name), join(nodes, name));
  }
  for (const name of FOLDERS) mkdirSync(join(nodes, 'artifacts', name), { recursive: true, mode: 0o700 });
  const python = join(nodes, 'python');
  writeFileSync(python, interpreter(home, nodes));
  chmodSync(python, 0o700);

  const counts = { published: 0, overtook: 0 };
  const stamps = new Map<string, string>();
  const lastVisible = new Map<string, number>();
  const appended = new Map<string, number>();
  let waiting: Version[] = [];

  function collect(folder: string): void {
    for (const name of readdirSync(join(nodes, 'artifacts', folder))) {
      const path = join('artifacts', folder, name);
      const version = read(path);
      if (version) waiting.push(version);
    }
  }

  function read(path: string): Version | undefined {
    try {
      const { ino, size, mtimeNs } = statSync(join(nodes, path), { bigint: true });
      const stamp = `${ino} ${size} ${mtimeNs}`;
      if (stamps.get(path) === stamp) return undefined;
      stamps.set(path, stamp);
      const now = performance.now();
      const delay = random.chance(0.2) ? longestDelay : random.whole(0, longestDelay / 4);
      const visibleAt = Math.max(now + delay, lastVisible.get(path) ?? 0);
      lastVisible.set(path, visibleAt);
      return { path, content: readFileSync(join(nodes, path)), writtenAt: now, visibleAt };
    } catch {
      return undefined; // replaced in this moment
    }
  }

  function publish({ path, content, writtenAt }: Version): void {
    counts.published += 1;
    if (waiting.some((other) => other.path !== path && other.writtenAt < writtenAt)) counts.overtook += 1;
    const target = join(home, path);
    if (path.endsWith('.jsonl')) {
      const from = appended.get(path) ?? 0;
      if (content.length <= from) return;
      const end = random.chance(0.5) ? content.length : random.whole(from, content.length);
      appendFileSync(target, content.subarray(from, end));
      appended.set(path, end);
      // The rest comes with the next version or, here, a moment later.
      const visibleAt = performance.now() + 20;
      if (end < content.length) waiting.push({ path, content, writtenAt, visibleAt });
      return;
    }
    if (random.chance(0.2)) rmSync(target, { force: true });
    const staged = join(home, 'artifacts', 'staging', `${basename(path)}.slow`);
    writeFileSync(staged, shiftClock(content, clockSeconds), { mode: 0o600 });
    renameSync(staged, target);
  }

  function sync(): void {
    for (const folder of ['exits', 'jobs', 'metrics']) collect(folder);
    const now = performance.now();
    const due = waiting.filter(({ visibleAt }) => visibleAt <= now);
    waiting = waiting.filter(({ visibleAt }) => visibleAt > now);
    for (const version of due) publish(version);
  }

  const timer = setInterval(sync, 15);
  return {
    python,
    counts,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Runs Python with the home folder of the nodes. A new attempt sees the status that the server has written. */
function interpreter(home: string, nodes: string): string {
  return `#!/bin/sh
if [ "$2" = trainyard.batch_step ]; then
  cp -p "${home}/artifacts/jobs/$4.json" "${nodes}/artifacts/staging/$4.first"
  mv "${nodes}/artifacts/staging/$4.first" "${nodes}/artifacts/jobs/$4.json"
  exec "${PYTHON}" -m trainyard.batch_step "${nodes}" "$4" "$5"
fi
exec "${PYTHON}" "$@"
`;
}

/** The times in a JSON document as another clock gives them. */
function shiftClock(content: Buffer, seconds: number): string {
  const value = JSON.parse(content.toString()) as unknown;
  return JSON.stringify(value, (key, part: unknown) =>
    typeof part === 'number' && (key === 'at' || key.endsWith('_at')) && key !== 'created_at' ? part + seconds : part,
  );
}
