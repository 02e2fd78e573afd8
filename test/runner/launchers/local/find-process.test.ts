import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findTrainer, identityOf, livenessOf, readBootId } from '../../../../src/runner/launchers/local/identity.ts';

const MIB = 2 ** 20;
const MIN_ROUNDS = 5;
/** Other processes can keep this one from the CPU until the memory is free, so one round may see nothing. */
const MAX_ROUNDS = 50;
/** Fills memory, and says so: the kernel needs a while to free it after the process was killed. */
const FULL_OF_MEMORY = `
import sys, time
memory = b"\\1" * ${512 * MIB}
print("full", flush=True)
time.sleep(600)
`;

test.skipIf(process.platform !== 'linux')(
  'a killed trainer that has not reported yet is not considered dead while the kernel still frees its memory',
  async () => {
    const bootId = readBootId();
    let looks = 0;
    for (let round = 0; round < MIN_ROUNDS || (looks === 0 && round < MAX_ROUNDS); round += 1) {
      const jobId = `job_${Date.now()}_${String(round).padStart(8, '0')}`;
      const trainer = spawn('python3', ['-c', FULL_OF_MEMORY, 'trainyard', 'train', jobId], {
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const pid = trainer.pid ?? expect.fail('Python could not be started');
      const gone = once(trainer, 'exit');
      await once(trainer.stdout, 'data');
      const identity = (await identityOf(pid, bootId)) ?? expect.fail('it has no identity');
      expect(await findTrainer(jobId, bootId)).toEqual(identity);

      process.kill(pid, 'SIGKILL');
      for (;;) {
        const found = await findTrainer(jobId, bootId);
        // Looked at afterwards: who lives now lived then.
        if ((await livenessOf(identity, bootId)) === 'DEAD') break;
        expect(found).toBeDefined();
        looks += 1;
      }
      await gone;
    }
    expect(looks, 'no round saw the process while it was dying').toBeGreaterThan(0);
  },
);
