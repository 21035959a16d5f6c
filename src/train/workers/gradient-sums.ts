import type { Parameter } from "../../models/parameter.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { Workers } from "../../tensor/workers.js";

/** Gradients of so many values travel together: 1 MiB, which takes longer than the latency of most networks. */
const VALUES_TOGETHER = 1 << 18;

/** Gradients on their way through the network. */
interface Sent {
  readonly parameters: readonly Parameter[];
  readonly finish: () => Tensor[];
}

/**
 * Sums the gradients of parameters over all workers, while the backward pass computes the next ones. `factor`: the weight
 * of this worker's gradients; the weights of all have the sum 1.
 */
export const gradientSums = (
  parameters: readonly Parameter[],
  workers: Workers,
  factor: number,
) => {
  const sent: Sent[] = [];
  let waiting: Parameter[] = [];
  let values = 0;
  const send = (): void => {
    if (waiting.length === 0) return;
    const group = waiting;
    const gradients = group.map(({ gradient }) => gradient as Tensor);
    sent.push({ parameters: group, finish: workers.startSums(gradients, factor) });
    tf.dispose(gradients);
    for (const parameter of group) parameter.gradient = null;
    waiting = [];
    values = 0;
  };
  const collect = (): void => {
    for (const parameter of parameters) {
      if (!parameter.gradient || waiting.includes(parameter)) continue;
      waiting.push(parameter);
      values += parameter.gradient.size;
      if (values >= VALUES_TOGETHER) send();
    }
  };
  return {
    /** Takes the gradients that are new in the parameters. */
    collect,
    /** Sends the rest. */
    end: (): void => {
      collect();
      send();
    },
    /** Waits for the sums and stores them in the parameters. */
    finish: (): void => {
      for (const { parameters: group, finish } of sent) {
        const sums = finish();
        group.forEach((parameter, index) => {
          parameter.gradient = sums[index] as Tensor;
        });
      }
    },
  };
};
