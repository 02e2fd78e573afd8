import { expect, test } from 'vitest';
import { RESOURCE_NAME, resolveResources, type ResourceRules } from '../../../src/runner/job/resources.ts';

const machine: ResourceRules = { isCluster: false, allowed: {}, maxNodes: 1 };
const cluster: ResourceRules = { isCluster: true, allowed: { partition: ['gpu', 'cpu'], qos: ['high'] }, maxNodes: 4 };
const none = {
  cpus: null,
  memoryMb: null,
  gpuType: null,
  nodes: null,
  partition: null,
  account: null,
  qos: null,
  constraint: null,
  timeLimitSeconds: null,
};

test('an omitted resource is null, and a start without resources has none', () => {
  expect(resolveResources(null, machine)).toBeNull();
  expect(resolveResources(undefined, cluster)).toBeNull();
  expect(resolveResources({ cpus: 2 }, machine)).toEqual({ ...none, cpus: 2 });
  expect(resolveResources({ partition: 'gpu', nodes: 4 }, cluster)).toEqual({ ...none, partition: 'gpu', nodes: 4 });
  // One machine is one node, and its time limits are not those of Slurm.
  expect(resolveResources({ nodes: 1, timeLimitSeconds: 1 }, machine)).toEqual({
    ...none,
    nodes: 1,
    timeLimitSeconds: 1,
  });
});

test.each([
  ['cpus', { cpus: 0 }, machine, 'cpus must be a whole number from 1 to 4,096; it was 0.'],
  ['cpus', { cpus: 1.5 }, machine, 'it was 1.5'],
  ['memoryMb', { memoryMb: 15 }, machine, 'from 16'],
  ['timeLimitSeconds', { timeLimitSeconds: 59 }, cluster, 'from 60'],
  ['timeLimitSeconds', { timeLimitSeconds: 0 }, machine, 'from 1 to'],
  ['nodes', { nodes: 5 }, cluster, 'Requested 5 nodes; a job may have 4 on this server.'],
  ['nodes', { nodes: 2 }, machine, 'on its own machine'],
  ['partition', { partition: 'gpu' }, machine, 'partition is for a cluster'],
  ['account', { account: 'a' }, machine, 'account is for a cluster'],
  ['qos', { qos: 'high' }, machine, 'qos is for a cluster'],
  ['constraint', { constraint: 'ib' }, machine, 'constraint is for a cluster'],
  ['gpuType', { gpuType: 'a100' }, machine, 'gpuType is for a cluster'],
  ['partition', { partition: 'long' }, cluster, 'partition "long" is not allowed. Allowed: gpu, cpu.'],
  ['partition', { partition: 'gpu ' }, cluster, 'not allowed'],
  ['account', { account: 'a' }, cluster, 'This server allows none'],
  ['constraint', { constraint: '--wrap=id' }, cluster, 'not allowed'],
])('refuses %s', (field, input, rules, message) => {
  expect(() => resolveResources(input, rules)).toThrow(
    expect.objectContaining({
      inputPath: ['input', 'resources', field],
      message: expect.stringContaining(message) as string,
    }),
  );
});

test('a name that an administrator may list is one safe argument', () => {
  for (const name of ['gpu', 'a100&ib', '[rack1|rack2]', '(a|b)*2', 'team.x_1:2']) expect(name).toMatch(RESOURCE_NAME);
  for (const name of ['', '-n', '--wrap=id', 'a b', 'a;b', '$(id)', 'a\nb', 'a,b', '`id`']) {
    expect(name).not.toMatch(RESOURCE_NAME);
  }
});
