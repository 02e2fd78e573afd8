/** Whether higher values of this metric are better, judged by its name; otherwise lower ones are. */
export function higherIsBetter(name: string): boolean {
  return /(^|_)(acc|accuracy|r2|f1|auc|precision|recall|score|bleu|map|iou)(_|$)/i.test(name);
}
