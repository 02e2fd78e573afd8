import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryHome } from '../../../support/home.ts';
import { ended, reach, startRunner } from '../../../support/runner.ts';
import { endAll } from '../../../faults/processes.ts';
import { readLog } from '../../../../src/runner/history/log.ts';
import { homeAt } from '../../../../src/runner/home.ts';

test.skipIf(process.platform !== 'linux')(
  'on one machine, cpus are threads, and memoryMb is a limit that ends the job as OUT_OF_MEMORY',
  async () => {
    const home = temporaryHome();
    onTestFinished(() => endAll(home));
    mkdirSync(join(home, 'trainers'));
    const script = `import os
print("threads", os.environ["OMP_NUM_THREADS"], flush=True)
small = bytearray(50 << 20)
large = bytearray(900 << 20)
print("not limited", flush=True)
`;
    writeFileSync(join(home, 'trainers', 'greedy.py'), script);
    const runner = await startRunner(home);
    const { id } = await runner.start({ trainer: 'greedy', resources: { cpus: 3, memoryMb: 600 } });
    const job = await reach(runner, id, ended);
    expect(job.state).toMatchObject({ status: 'ERROR', failure: { reason: 'OUT_OF_MEMORY' } });
    const { lines } = await readLog(homeAt(home).log(id), { last: 50 });
    const texts = lines.map(({ text }) => text);
    expect(texts).toContain('threads 3');
    expect(texts).not.toContain('not limited');
  },
);
