/** Whether the highest or the lowest value of a metric is its best. */
export type Goal = 'MAX' | 'MIN';

/** Goals by the name of a metric, or by a prefix of names that ends with `*`. */
export type Goals = Readonly<Record<string, Goal>>;

const words = (text: string) => new Set(text.trim().split(/\s+/));

const HIGHER = words(`
  acc accuracy accuracies precision recall sensitivity specificity tpr tnr auc auroc auprc aucpr roc ap map iou miou jaccard dice f1 f2
  fscore fbeta score scores bleu sacrebleu rouge rougelsum meteor cider spice chrf psnr ssim msssim mcc kappa ndcg mrr r2 corr correlation
  pearson spearman reward rewards return returns win wins success hit hits match top similarity throughput elo`);
const LOWER = words(`
  loss losses error errors err mse rmse mae mape smape nll bce ce xent entropy kl divergence perplexity ppl wer cer ter fid kid lpips
  distance regret cost time seconds latency ece brier fpr fnr`);

/**
 * Whether higher values of this metric are better.
 * @param goals what the trainer has defined. An exact name overrides a prefix, and a longer prefix a shorter one. For all other names, the
 * last word that implies a direction decides: `eval/accuracy` and `precision_at_k` up, `iou_loss` down. Without such a word, lower is
 * better.
 */
export function higherIsBetter(name: string, goals: Goals = {}): boolean {
  const defined = definedGoal(name, goals);
  if (defined) return defined === 'MAX';
  return HIGHER.has(directionWord(name) ?? '');
}

/** The last word of a metric's name that says what it measures, for example `accuracy` of `eval/accuracy`; null without one. */
export function directionWord(name: string): string | null {
  for (const part of wordsOf(name).reverse()) {
    for (const word of spellings(part)) if (HIGHER.has(word) || LOWER.has(word)) return word;
  }
  return null;
}

/** The words of a metric's name, for example `val` and `loss` of `val_loss`. */
export function wordsOf(name: string): string[] {
  return name.split(/[^\p{L}\p{N}]+/u);
}

/** The direction of this metric: see {@link higherIsBetter}. */
export function goalOf(name: string, goals: Goals = {}): Goal {
  return higherIsBetter(name, goals) ? 'MAX' : 'MIN';
}

function definedGoal(name: string, goals: Goals): Goal | undefined {
  if (Object.hasOwn(goals, name)) return goals[name];
  let longest = -1;
  let goal: Goal | undefined;
  for (const [pattern, itsGoal] of Object.entries(goals)) {
    if (!pattern.endsWith('*') || pattern.length <= longest || !name.startsWith(pattern.slice(0, -1))) continue;
    longest = pattern.length;
    goal = itsGoal;
  }
  return goal;
}

/** The words that a part of a name can mean: `mAP50` is "map50", "map", "ap50", "ap", "m". */
function* spellings(part: string): Iterable<string> {
  const pieces = part
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .split(' ')
    .reverse();
  for (const text of pieces.length > 1 ? [part, ...pieces] : [part]) {
    const word = text.toLowerCase();
    yield word;
    // With its digits, "f1" and "r2" are words; "acc5" and "map50" are not.
    if (/\d$/.test(word)) yield word.replace(/\d+$/, '');
  }
}
