import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { isNotThere } from '../system-errors.ts';
import type { Home } from '../home.ts';
import type { Job } from '../job/types.ts';
import { modifiedAt } from '../modified-at.ts';

/** The checkpoint file of a job. */
export interface CheckpointFile {
  /** Relative to the home, for example `models/job_1.pt`. */
  readonly path: string;
  readonly bytes: number;
  /** Unix ms. */
  readonly savedAt: number;
  /** The `.safetensors` beside it; null if simulated. */
  readonly safetensorsPath: string | null;
}

/** `CHECKPOINT` is what the job announced (`.pt`, or `.txt` for a simulation), `SAFETENSORS` the file beside it. */
export type ModelForm = 'CHECKPOINT' | 'SAFETENSORS';

/**
 * The absolute path of a job's model, links followed; null while there is none. Only what the job has announced is given, which
 * is complete: every checkpoint is staged and renamed. And only from `models/`, whatever the status file says.
 */
export async function findModelFile(home: Home, { checkpoint }: Job, form: ModelForm): Promise<string | null> {
  if (checkpoint === null || checkpoint.includes('\0')) return null;
  const name = form === 'CHECKPOINT' ? checkpoint : checkpoint.replace(/\.pt$/, '.safetensors');
  if (form === 'SAFETENSORS' && name === checkpoint) return null;
  try {
    const root = await realpath(home.models);
    const path = await realpath(resolve(home.root, name));
    return path.startsWith(root + sep) && (await stat(path)).isFile() ? path : null;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

/** Size and times of a job's checkpoint; null while there is none. */
export async function describeCheckpoint(home: Home, { checkpoint }: Job): Promise<CheckpointFile | null> {
  // No file of the system is called so, and to ask for it is an error.
  if (checkpoint === null || checkpoint.includes('\0')) return null;
  try {
    const file = await stat(resolve(home.root, checkpoint));
    const safetensors = checkpoint.replace(/\.pt$/, '.safetensors');
    const hasSafetensors = safetensors !== checkpoint && existsSync(resolve(home.root, safetensors));
    return {
      path: checkpoint,
      bytes: file.size,
      savedAt: modifiedAt(file),
      safetensorsPath: hasSafetensors ? safetensors : null,
    };
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}
