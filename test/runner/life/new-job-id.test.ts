import { expect, test } from 'vitest';
import { newJobId } from '../../../src/runner/life/new-job-id.ts';

test('a job id has its time, and two of one moment differ', () => {
  const ids = [newJobId(1_760_320_883_609), newJobId(1_760_320_883_609)];
  for (const id of ids) expect(id).toMatch(/^job_1760320883609_[0-9a-f]{8}$/);
  expect(ids[0]).not.toBe(ids[1]);
});
