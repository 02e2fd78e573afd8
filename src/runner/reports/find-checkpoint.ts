import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../home.ts';
import { isNotThere } from '../system-errors.ts';
import { outputsOf } from './model-file.ts';
import { entriesOf } from './output-files.ts';
import { MAX_CHECKPOINT_PATH } from './status-file.ts';

/** Endings of the files that training scripts save and read. */
const ENDINGS = ['.ckpt', '.pt', '.pth', '.keras', '.safetensors'];
/** Lightning: lightning_logs/version_0/checkpoints/. */
const MAX_DEPTH = 5;
const MAX_ENTRIES = 20_000;

interface Candidate {
  /** Relative to the output folder, with `/`. */
  readonly path: string;
  readonly modifiedAt: bigint;
  readonly kind: 'FILE' | 'FOLDER' | 'COMPLETE_FOLDER';
}

/**
 * The newest checkpoint in the output folder of a job, relative to the home; null if there is none. It is a folder `checkpoint-*`, or a file
 * `*.ckpt`, `*.pt`, `*.pth`, `*.keras` or `*.safetensors`, that was saved completely. Hidden files, links and names that start with `tmp`
 * are ignored.
 *
 * Call it while no process of the job is alive: a file that is being saved is the newest one.
 */
export async function findNewestCheckpoint(home: Home, jobId: string): Promise<string | null> {
  const root = home.output(jobId);
  const found = await candidatesIn(root);
  // Transformers writes `trainer_state.json` late: without it, the folder of a killed save is incomplete.
  const complete = found.filter(({ kind }) => kind === 'COMPLETE_FOLDER');
  const newestFirst = (complete.length > 0 ? complete : found).sort(
    (a, b) => Number(b.modifiedAt - a.modifiedAt) || (a.path < b.path ? 1 : -1),
  );
  for (const { path, kind } of newestFirst) {
    const name = `${outputsOf(jobId)}${path}`;
    if (name.length <= MAX_CHECKPOINT_PATH && (kind !== 'FILE' || (await isComplete(join(root, path))))) return name;
  }
  return null;
}

async function candidatesIn(root: string): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const folders = [{ path: '', depth: 0 }];
  let left = MAX_ENTRIES;
  for (let next = folders.pop(); next; next = folders.pop()) {
    for await (const entry of entriesOf(join(root, next.path))) {
      left -= 1;
      if (left < 0) return found;
      if (entry.name.startsWith('.') || entry.name.startsWith('tmp')) continue;
      const path = next.path === '' ? entry.name : `${next.path}/${entry.name}`;
      const isCheckpoint = entry.isDirectory() && entry.name.startsWith('checkpoint-');
      if (isCheckpoint) found.push(...(await folderAt(root, path)));
      else if (entry.isDirectory() && next.depth < MAX_DEPTH) folders.push({ path, depth: next.depth + 1 });
      else if (entry.isFile() && ENDINGS.some((ending) => entry.name.endsWith(ending))) {
        found.push(...(await timed(root, path, 'FILE')));
      }
    }
  }
  return found;
}

/** A checkpoint folder, unless it is empty. */
async function folderAt(root: string, path: string): Promise<readonly Candidate[]> {
  const names = new Set<string>();
  for await (const { name } of entriesOf(join(root, path))) {
    names.add(name);
    if (names.size === MAX_ENTRIES) break;
  }
  if (names.size === 0) return [];
  return timed(root, path, names.has('trainer_state.json') ? 'COMPLETE_FOLDER' : 'FOLDER');
}

/** A candidate with its time; none if it is gone meanwhile. */
async function timed(root: string, path: string, kind: Candidate['kind']): Promise<readonly Candidate[]> {
  try {
    return [{ path, kind, modifiedAt: (await stat(join(root, path), { bigint: true })).mtimeNs }];
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

/**
 * Whether a file was saved to its end: a process that is killed while it saves leaves a part. Recognises ZIP archives, as which PyTorch,
 * Lightning and Keras save, and `.safetensors` files. Any other file counts as complete.
 */
async function isComplete(path: string): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    if (size === 0) return false;
    const start = await read(file, 0, 8);
    if (start.toString('latin1', 0, 4) === 'PK\x03\x04') {
      // The end record of an archive without a comment.
      return size >= 22 && (await read(file, size - 22, 4)).toString('latin1') === 'PK\x05\x06';
    }
    return !path.endsWith('.safetensors') || (await hasAllTensors(file, size, start));
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  } finally {
    await file?.close();
  }
}

/** Whether a `.safetensors` file is as long as its header says: 8 bytes with the length of the header, the header, and the tensors. */
async function hasAllTensors(file: FileHandle, size: number, start: Buffer): Promise<boolean> {
  if (start.length < 8) return false;
  const length = Number(start.readBigUInt64LE());
  if (8 + length > size) return false;
  // The header ends with the offsets of some tensor, but in no fixed order.
  const header = (await read(file, 8, Math.min(length, 1 << 24))).toString('utf8');
  const ends = [...header.matchAll(/"data_offsets":\s*\[\d+,\s*(\d+)\]/g)].map((match) => Number(match[1]));
  return ends.every((end) => 8 + length + end <= size);
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
