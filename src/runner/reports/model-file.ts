import { realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { isNotThere } from '../system-errors.ts';
import type { Home } from '../home.ts';
import type { Job } from '../job/types.ts';
import { modifiedAt } from '../modified-at.ts';
import { describeOutputFiles, findOutputFile, listOutputFiles } from './output-files.ts';

/** The checkpoint of a job: a file, or a folder in its output folder, such as `checkpoint-500` of Transformers. */
export interface CheckpointFile {
  /** Relative to the home, for example `models/job_1.pt`. */
  readonly path: string;
  /** Whether it is a folder, which cannot be downloaded as a whole. */
  readonly isFolder: boolean;
  /** Of a folder: of all its files. */
  readonly bytes: number;
  /** Unix ms. Of a folder: when its newest file was written. */
  readonly savedAt: number;
  /** The `.safetensors` file next to it, or the checkpoint itself; null for a simulation. */
  readonly safetensorsPath: string | null;
}

/**
 * Maximum number of files of a checkpoint folder that are looked at: a list of jobs describes many folders. Sharded checkpoints have one
 * or two a process.
 */
const MAX_FOLDER_FILES = 200;

/**
 * `CHECKPOINT` is the file that the job reported (`.pt`, `.safetensors`, or `.txt` for a simulation), `SAFETENSORS` the weights in this
 * format: the same file, or the one next to it.
 */
export type ModelForm = 'CHECKPOINT' | 'SAFETENSORS';

/**
 * The absolute path of a job's model, with links resolved; null if there is none. Only a checkpoint that the job has reported, which is
 * complete because every checkpoint is staged and renamed. And only inside `models/`, whatever the status file says.
 */
export async function findModelFile(home: Home, { id, checkpoint }: Job, form: ModelForm): Promise<string | null> {
  if (!isCheckpointOf(id, checkpoint)) return null;
  const name = form === 'CHECKPOINT' ? checkpoint : checkpoint.replace(/\.pt$/, '.safetensors');
  if (form === 'SAFETENSORS' && !name.endsWith('.safetensors')) return null;
  if (isOutputOf(id, checkpoint)) return findOutputFile(home, id, name.slice(outputsOf(id).length));
  try {
    const root = await realpath(home.models);
    const path = await realpath(resolve(home.root, name));
    return path.startsWith(root + sep) && (await stat(path)).isFile() ? path : null;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

/** Whether a job may call this its checkpoint: a file of its own name or in its output folder, whatever a status file says. */
export function isCheckpointOf(jobId: string, checkpoint: string | null): checkpoint is string {
  if (checkpoint === null) return false;
  if (isOutputOf(jobId, checkpoint)) return true;
  const start = `models/${jobId}.`;
  return checkpoint.startsWith(start) && /^[\w-]+(\.[\w-]+)*$/.test(checkpoint.slice(start.length));
}

/** The output folder of a job, relative to the home, with `/` at its end. */
export const outputsOf = (jobId: string) => `artifacts/outputs/${jobId}/`;

/** Whether this is a path in the output folder of a job. A file there is only read by the rules of `findOutputFile`. */
function isOutputOf(jobId: string, path: string): boolean {
  return path.startsWith(outputsOf(jobId));
}

/** Size and time of a job's checkpoint; null if there is none. */
export async function describeCheckpoint(home: Home, job: Job): Promise<CheckpointFile | null> {
  const path = await findModelFile(home, job, 'CHECKPOINT');
  if (job.checkpoint === null) return null;
  if (path === null) return describeFolder(home, job.id, job.checkpoint);
  try {
    const file = await stat(path);
    const hasSafetensors = (await findModelFile(home, job, 'SAFETENSORS')) !== null;
    return {
      path: job.checkpoint,
      isFolder: false,
      bytes: file.size,
      savedAt: modifiedAt(file),
      safetensorsPath: hasSafetensors ? job.checkpoint.replace(/\.pt$/, '.safetensors') : null,
    };
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

/** Describes a checkpoint that is a folder in the output folder of its job; null if there is none, or it has no files. */
async function describeFolder(home: Home, jobId: string, path: string): Promise<CheckpointFile | null> {
  if (!isOutputOf(jobId, path)) return null;
  const folder = path.slice(outputsOf(jobId).length);
  const { paths } = await listOutputFiles(home, jobId, { folder, maxFiles: MAX_FOLDER_FILES });
  const files = await describeOutputFiles(home, jobId, paths);
  if (files.length === 0) return null;
  return {
    path,
    isFolder: true,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    savedAt: Math.max(...files.map((file) => file.modifiedAt)),
    safetensorsPath: null,
  };
}
