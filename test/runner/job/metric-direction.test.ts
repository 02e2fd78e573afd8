import { expect, test } from 'vitest';
import { goalOf, higherIsBetter } from '../../../src/runner/job/metric-direction.ts';

test.each([
  ...[
    'acc',
    'val_accuracy',
    'Test_F1',
    'auc_macro',
    'r2',
    'train/acc',
    'eval/accuracy',
    'accuracy',
    'val_acc',
    'score',
    'f1',
  ],
  ...[
    'val_map',
    'mAP',
    'mAP50',
    'val/mAP50-95',
    'map_75',
    'mean_iou',
    'mIoU',
    'IoU',
    'dice',
    'eval/dice_class_3',
    'mcc',
    'kappa',
    'ndcg',
  ],
  ...[
    'ndcg@10',
    'mrr',
    'recall@5',
    'precision_at_k',
    'recall',
    'hit_rate',
    'win_rate',
    'hits@10',
    'acc1',
    'val_acc5',
    'top5',
    'top-1',
  ],
  ...[
    'bleu',
    'sacrebleu',
    'rougeL',
    'rouge1',
    'eval_rougeLsum',
    'psnr',
    'ssim',
    'reward',
    'episode_return',
    'rewards/accuracies',
  ],
  ...[
    'exact_match',
    'validAccuracy',
    'auroc',
    'metrics.recall',
    'F1Score',
    'pearson',
    'val:specificity',
    'error_recall',
  ],
])('higher is better: %s', (name) => {
  expect(higherIsBetter(name)).toBe(true);
  expect(goalOf(name)).toBe('MAX');
});

test.each([
  ...[
    'loss',
    'val_loss',
    'mae',
    'precisions',
    'unscored',
    'myacc',
    'mape',
    'bitmap_loss',
    'top5_error',
    'score_loss',
    'recall_loss',
  ],
  ...[
    'perplexity',
    'wer',
    'auc_loss',
    'iou_loss',
    'val/iouLoss',
    'lr',
    'grad_norm',
    '',
    '/',
    'epoch',
    'map_time',
    'fid',
    'rmse',
    'nll',
  ],
  ...[
    'accuracy/loss',
    'eval/precision_error',
    'bitmap',
    'scoreboard',
    'l2',
    'kl_divergence',
    'constructor',
    '__proto__',
    'system/cpu',
  ],
])('lower is better: %s', (name) => {
  expect(higherIsBetter(name)).toBe(false);
  expect(goalOf(name)).toBe('MIN');
});

test('a defined goal overrides the name: an exact one before a prefix, a longer prefix before a shorter one', () => {
  const goals = {
    loss: 'MAX',
    'eval/*': 'MAX',
    'eval/time/*': 'MIN',
    'eval/time/budget': 'MAX',
    'x*y': 'MAX',
  } as const;
  const names = [
    'loss',
    'eval/loss',
    'eval/time/loss',
    'eval/time/budget',
    'val_loss',
    'accuracy',
    'x*y',
    'xzy',
    'toString',
  ];
  expect(names.map((name) => goalOf(name, goals))).toEqual([
    ...['MAX', 'MAX', 'MIN', 'MAX', 'MIN', 'MAX', 'MAX', 'MIN', 'MIN'],
  ]);
  expect(goalOf('anything', { '*': 'MAX' })).toBe('MAX');
});
