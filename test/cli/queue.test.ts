import { expect, test } from 'vitest';
import { startTestServer } from '../support/server-process.ts';
import { trainyard } from './command-support.ts';

test('jobs wait for each other, are listed with their reasons, moved, limited and paused in the terminal', async () => {
  await using server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '1' } });
  const { url } = server;
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await trainyard(url, args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const start = async (...flags: string[]) => {
    const job: unknown = JSON.parse(await run('start', '--backend', 'simulation', '--json', ...flags));
    return (job as { id: string }).id;
  };
  expect(await run('pause')).toBe('The queue is paused. 0 running jobs continue.\n');
  const first = await start('--name', 'first', '--group', 'night');
  const second = await start('--name', 'second', '--after', '@last', '--not-before', '2h');
  const third = await start('--name', 'third', '--after-end', first, '--after-failure', second);
  expect(await run('queue', 'limit', 'night', '2')).toBe('At most 2 jobs of the group night run at once.\n');
  const queue = await run('queue');
  expect(queue).toContain('3 waiting, 0 of 1 slots in use. The queue is paused');
  expect(queue).toContain('Group night: 1 waiting, 0 running, limit 2');
  expect(queue).toMatch(new RegExp(`^1  ${first} .*The queue is paused\\.$`, 'm'));
  expect(queue).toContain(`Waits for ${first} to complete.`);
  expect(queue).toContain(`Waits for ${first} to end, ${second} to fail.`);
  expect(await run('queue', 'move', third, '--before', first)).toBe(`${third} is now at position 1 of the queue.\n`);
  const listed = JSON.parse(await run('queue', '--json')) as { isPaused: boolean; jobs: { name: string }[] };
  expect(listed.jobs.map(({ name }) => name)).toEqual(['third', 'first', 'second']);
  const inGroup = JSON.parse(await run('jobs', '--group', 'night', '--json')) as { id: string }[];
  expect(inGroup.map(({ id }) => id)).toEqual([first]);
  expect((await trainyard(url, ['queue', 'move', third])).code).toBe(2);
  expect((await trainyard(url, ['start', '--not-before', 'soon'])).stderr).toContain('--not-before takes a time');

  await run('stop', first);
  const stopped = await run('stop', second, '--wait');
  expect(stopped).toContain(`Job ${first} had to complete first, and it ended as STOPPED.`);
  expect(await run('unpause')).toBe('The queue is no longer paused.\n');
});
