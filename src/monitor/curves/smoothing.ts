/**
 * Smooths values with an exponential moving average, corrected for its bias towards the first value (as in Adam, Kingma and Ba 2015, and in
 * TensorBoard). Null values stay null.
 * @param weight of earlier values, from 0 (no smoothing) to below 1
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
