/** How right outputs are: `is_right` and `judge` of Python. */

/** Whether output values mean the class of the targets, or all of the yes/no answers.
 * @param {string} kind of target @param {ArrayLike<number>} values @param {ArrayLike<number>} targets
 */
export function isRight(kind, values, targets) {
  if (kind === "class") return largest(values) === largest(targets);
  const middle = kind === "sign" ? 0 : 0.5;
  for (let k = 0; k < targets.length; k += 1) {
    if (values[k] > middle !== targets[k] > middle) return false;
  }
  return true;
}

/** Whether the outputs answer several questions, each with yes or no: no class is said then.
 * @param {{target_kind: string, layers: {neurons: unknown[]}[]}} facts
 */
export function answersSeveral({ target_kind: kind, layers }) {
  return (kind === "binary" || kind === "sign") && layers[layers.length - 1].neurons.length > 1;
}

/** The place of the first of the largest numbers. @param {ArrayLike<number>} numbers */
function largest(numbers) {
  let found = 0;
  for (let k = 1; k < numbers.length; k += 1) if (numbers[k] > numbers[found]) found = k;
  return found;
}

/** The mean loss of samples, and the share that is predicted right; null where numbers are predicted.
 * @param {import("./samples.js").Samples} samples
 * @param {(sample: number) => {loss: number, right: boolean}} judged
 * @param {boolean} hasClasses
 */
export function judge(samples, judged, hasClasses) {
  let total = 0;
  let divisor = 0;
  let right = 0;
  for (let sample = 0; sample < samples.count; sample += 1) {
    const found = judged(sample);
    const weight = samples.weightOf(sample);
    if (found.right) right += 1;
    if (weight === 0) continue; // however large its loss is
    total += weight * found.loss;
    divisor += weight;
  }
  return { loss: total / divisor, accuracy: hasClasses ? right / samples.count : null };
}
