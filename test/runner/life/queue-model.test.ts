import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareQueuePlaces } from '../../../src/runner/job/queue-order.ts';
import type { Job } from '../../../src/runner/job/types.ts';
import { createQueue } from '../../../src/runner/life/queue.ts';
import { aJob } from '../job/a-job.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const GROUPS = ['x', 'y'];
const id = fc.constantFrom(...IDS);
const group = fc.constantFrom(...GROUPS);

/** Everything that can happen to a queue without GPUs. */
const events = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      id,
      group: fc.option(group),
      priority: fc.nat(2),
      unmet: fc.boolean(),
      notBefore: fc.option(fc.nat(20)),
    }),
    fc.record({ kind: fc.constant('meet' as const), id }),
    fc.record({ kind: fc.constant('leave' as const), id }),
    fc.record({ kind: fc.constant('move' as const), id, target: id, side: fc.constantFrom('AHEAD', 'BEHIND') }),
    fc.record({ kind: fc.constant('pause' as const), isPaused: fc.boolean() }),
    fc.record({
      kind: fc.constant('group' as const),
      group,
      isPaused: fc.boolean(),
      limit: fc.option(fc.integer({ min: 1, max: 2 })),
    }),
    fc.record({ kind: fc.constant('grant' as const) }),
    fc.record({ kind: fc.constant('time' as const) }),
  ),
  { maxLength: 80 },
);

test('always grants the first job in order that nothing holds back, and says of every other why it waits', () => {
  fc.assert(
    fc.property(events, fc.nat(3), (all, slots) => {
      const queue = createQueue();
      queue.setCapacity({ slots, gpus: 0 });
      const waiting = new Map<string, Job>();
      const running = new Map<string, Job>();
      const settings = new Map(GROUPS.map((name) => [name, { isPaused: false, limit: null as number | null }]));
      let isPaused = false;
      let now = 0;
      const inOrder = () => [...waiting.values()].sort((a, b) => compareQueuePlaces(placeOf(a), placeOf(b)));
      const placeOf = ({ id: jobId, request, place }: Job) => ({ jobId, priority: request.priority, place });
      const runningIn = (name: string) => [...running.values()].filter(({ request }) => request.group === name).length;
      const mayStart = ({ unmet, request }: Job) => {
        const { isPaused: groupIsPaused = false, limit = null } = settings.get(request.group ?? '') ?? {};
        return (
          unmet.length === 0 &&
          (request.notBefore ?? 0) <= now &&
          !isPaused &&
          !groupIsPaused &&
          (limit === null || runningIn(request.group ?? '') < limit) &&
          running.size < slots
        );
      };

      for (const event of all) {
        switch (event.kind) {
          case 'add': {
            if (waiting.has(event.id) || running.has(event.id)) break;
            const { priority, notBefore } = event;
            const job = aJob({
              id: event.id,
              place: queue.nextPlace(),
              unmet: event.unmet ? ['z'] : [],
              request: { priority, notBefore, group: event.group, dependsOn: [{ jobId: 'z', when: 'AFTER_OK' }] },
            });
            waiting.set(job.id, job);
            queue.add(job);
            break;
          }
          case 'meet': {
            const job = waiting.get(event.id);
            if (!job) break;
            waiting.set(job.id, { ...job, unmet: [] });
            queue.add({ ...job, unmet: [] });
            break;
          }
          case 'leave':
            waiting.delete(event.id);
            running.delete(event.id);
            queue.leave(event.id);
            break;
          case 'move': {
            const job = waiting.get(event.id);
            const target = waiting.get(event.target);
            if (!job || !target || job === target) break;
            const place = queue.placeNextTo(event.target, event.side, event.id) ?? expect.fail('no place is left');
            const moved = { ...job, place, request: { ...job.request, priority: target.request.priority } };
            waiting.set(job.id, moved);
            queue.add(moved);
            const distance = (queue.position(target.id) ?? 0) - (queue.position(job.id) ?? 0);
            expect(distance).toBe(event.side === 'AHEAD' ? 1 : -1);
            break;
          }
          case 'pause':
            ({ isPaused } = event);
            queue.setPaused(isPaused);
            break;
          case 'group':
            settings.set(event.group, event);
            queue.setGroup(event.group, event);
            break;
          case 'time':
            now += 5;
            break;
          case 'grant': {
            const expected = inOrder().find(mayStart);
            expect(queue.grant(now)).toBe(expected?.id);
            if (!expected) break;
            waiting.delete(expected.id);
            running.set(expected.id, expected);
            break;
          }
          default:
            event satisfies never;
        }
        expect(queue.line.map(({ jobId }) => jobId)).toEqual(inOrder().map((job) => job.id));
        expect([queue.waiting, queue.running]).toEqual([waiting.size, running.size]);
        for (const [position, job] of inOrder().entries()) expect(queue.position(job.id)).toBe(position + 1);
      }
      // Once nothing more can start, every waiting job has a reason.
      for (let next = queue.grant(now); next !== undefined; next = queue.grant(now)) {
        const job = waiting.get(next) ?? expect.fail('it was not waiting');
        waiting.delete(next);
        running.set(next, job);
      }
      for (const job of waiting.values()) expect(queue.waitingFor(job)).not.toBeNull();
      for (const job of running.values()) expect(queue.waitingFor(job)).toBeNull();
      for (const { name, running: count } of queue.groups()) expect(count).toBe(runningIn(name));
    }),
    { numRuns: 500 },
  );
});
