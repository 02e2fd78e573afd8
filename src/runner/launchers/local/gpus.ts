import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;

/**
 * The GPUs of this machine, as CUDA_VISIBLE_DEVICES names them: what that variable says where it is set, else what
 * `nvidia-smi` lists. None where there is no `nvidia-smi`.
 */
export async function findGpus(environment: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const visible = environment['CUDA_VISIBLE_DEVICES'];
  if (visible !== undefined) {
    const named = visible.split(',').map((name) => name.trim());
    // CUDA itself ignores everything from the first invalid name on.
    const end = named.findIndex((name) => name === '' || name.startsWith('-'));
    return end === -1 ? named : named.slice(0, end);
  }
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], { timeout: TIMEOUT_MS });
    return stdout
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\d+$/.test(line));
  } catch {
    return [];
  }
}
