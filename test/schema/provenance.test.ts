import { existsSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { post, queueJob, serve } from '../server/support.ts';

const QUERY = `query ($id: ID!) { job(id: $id) { provenance {
  attempt at script { name sha256 source isComplete } arguments git { commit branch dirty }
  pythonVersion packages { name version } host { name system machine cpus }
} } }`;

test('the provenance of an attempt is shown, an invalid file is not, and both are deleted with the job', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const file = join(server.home, 'artifacts/provenance', `${id}.json`);
  const read = async () => (await post(server, QUERY, { variables: { id } })).json().data?.['job'];
  expect(await read()).toEqual({ provenance: null });

  const record = {
    ...{ version: 1, job_id: id, attempt: 1, at: 1_760_320_883.5 },
    script: { name: 'train.py', sha256: 'a'.repeat(64), source: 'print("\u202e")\n', source_complete: true },
    arguments: ['--data', `${server.home}/datasets/a.csv`],
    git: { commit: 'b'.repeat(40), branch: 'main', dirty: true },
    python: { version: '3.12.3', executable: '/opt/secret/python' },
    packages: { torch: '2.10.0' },
    host: { name: 'lab-3', system: 'Linux 6.8', machine: 'x86_64', cpus: 64 },
  };
  writeFileSync(file, JSON.stringify(record));
  const shown = await read();
  expect(shown).toEqual({
    provenance: {
      attempt: 1,
      at: '2025-10-13T02:01:23.500Z',
      script: { name: 'train.py', sha256: 'a'.repeat(64), source: 'print("<U+202E>")\n', isComplete: true },
      arguments: ['--data', 'datasets/a.csv'],
      git: { commit: 'b'.repeat(40), branch: 'main', dirty: true },
      pythonVersion: '3.12.3',
      packages: [{ name: 'torch', version: '2.10.0' }],
      host: { name: 'lab-3', system: 'Linux 6.8', machine: 'x86_64', cpus: 64 },
    },
  });

  for (const bad of [
    'not json',
    JSON.stringify({ ...record, job_id: 'job_1_00000000' }),
    JSON.stringify({ ...record, git: { commit: '; rm -rf /', branch: null, dirty: false } }),
    JSON.stringify({ ...record, host: null }),
    JSON.stringify({ ...record, script: { ...record.script, source: 'x'.repeat(2_000_000) } }),
  ]) {
    writeFileSync(file, bad);
    expect(await read()).toEqual({ provenance: null });
  }
  unlinkSync(file);
  symlinkSync(join(server.home, 'artifacts/trainyard.db'), file);
  expect(await read()).toEqual({ provenance: null });
  unlinkSync(file);
  writeFileSync(file, JSON.stringify(record));
  await server.runner.stop(id);
  await server.runner.deleteJobs({ ids: [id] });
  expect(existsSync(file)).toBe(false);
});
