import { expect, test } from 'vitest';
import { ratiosIn, regressionsOf } from '../../bench/goals.ts';

const results = `
### Fan-out
| server | ratio |
- CPU per message, of the frame: 1.72 x; goal at most 1.5 x: missed
- messages, of graphql-ws: 2.40 x; goal at least 4 x: missed
- a remark of 3.00 x
### Queries
- CPU per message, of the frame: 9.00 x; goal at most 1.5 x: missed
- CPU per message, of the frame: 1.00 x; goal at most 1.5 x: met
`;

test('reads the ratios with their goals by section, the last one of the same name', () => {
  expect(ratiosIn(results)).toEqual([
    { name: 'Fan-out: CPU per message, of the frame', value: 1.72, goal: 'at most' },
    { name: 'Fan-out: messages, of graphql-ws', value: 2.4, goal: 'at least' },
    { name: 'Queries: CPU per message, of the frame', value: 1, goal: 'at most' },
  ]);
});

test('a ratio is worse if it moved away from its goal by more than the difference between two runs', () => {
  const [cpu, messages] = ratiosIn(results);
  const now = (cpuNow: number, messagesNow: number) => [
    { name: cpu?.name ?? '', value: cpuNow, goal: 'at most' as const },
    { name: messages?.name ?? '', value: messagesNow, goal: 'at least' as const },
    { name: 'new', value: 100, goal: 'at most' as const },
  ];
  expect(regressionsOf(ratiosIn(results), now(2, 2))).toEqual([]);
  expect(regressionsOf(ratiosIn(results), now(1, 9))).toEqual([]);
  expect(regressionsOf(ratiosIn(results), now(2.5, 1.5))).toEqual([
    { name: cpu?.name ?? '', before: 1.72, now: 2.5 },
    { name: messages?.name ?? '', before: 2.4, now: 1.5 },
  ]);
});
