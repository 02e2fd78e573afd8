import { expect, test } from 'vitest';
import { findGroups, groupMetrics, toSections } from '../../src/monitor/curves/metric-groups.ts';

const titles = (names: readonly string[]) =>
  toSections(groupMetrics(names)).map(({ prefix, groups }) => [prefix, groups.map(({ title }) => title)]);

test('training and validation values of a metric share a chart', () => {
  expect(groupMetrics(['val_loss', 'loss', 'train/accuracy', 'eval/accuracy'])).toEqual([
    {
      title: 'accuracy',
      names: ['train/accuracy', 'eval/accuracy'],
      training: 'train/accuracy',
      validation: 'eval/accuracy',
    },
    { title: 'loss', names: ['loss', 'val_loss'], training: 'loss', validation: 'val_loss' },
  ]);
});

test('each metric is in exactly one chart, whatever the names have in common', () => {
  const names = ['loss', 'train/loss', 'train_loss', 'val_loss', 'test_loss', 'eval/loss'];
  const groups = groupMetrics(names);
  expect(groups.flatMap((group) => group.names).toSorted()).toEqual(names.toSorted());
  expect(new Set(groups.map(({ title }) => title)).size).toBe(groups.length);
});

test('charts are grouped by prefix: losses first, layers in numeric order, system last', () => {
  expect(
    titles(['system/cpu', 'grads/layer10', 'grads/layer2', 'weights/a/b', 'f1', 'loss', 'eval/bleu', 'grads/loss']),
  ).toEqual([
    ['', ['loss', 'f1']],
    ['eval/', ['eval/bleu']],
    ['grads/', ['grads/loss', 'grads/layer2', 'grads/layer10']],
    ['weights/', ['weights/a/b']],
    ['system/', ['system/cpu']],
  ]);
});

test.each([
  ['LAYER 10', ['grads/layer10']],
  ['val', ['loss']],
  ['  ', ['grads/layer2', 'grads/layer10', 'loss']],
  ['nothing', []],
])('a search for %j finds metrics by the words of their names', (search, expected) => {
  const groups = groupMetrics(['loss', 'val_loss', 'grads/layer10', 'grads/layer2']);
  expect(findGroups(groups, search).map(({ title }) => title)).toEqual(expected);
});
