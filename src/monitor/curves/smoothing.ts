/**
 * Smooths values by an exponential moving average, without the pull towards the first value (the debiasing of Adam, Kingma and Ba
 * 2015, as TensorBoard does it). Gaps stay gaps.
 * @param weight of what came before, 0 (none) to below 1
 */
export function smooth(values: readonly (number | null)[], weight: number): readonly (number | null)[] {
  if (weight <= 0) return values;
  let average = 0;
  let bias = 1;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    bias *= weight;
    return average / (1 - bias);
  });
}
