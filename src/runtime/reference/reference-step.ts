import { inputsOf, type Plan, type PlanStep } from "../plan/plan.js";
import { convStep } from "./conv.js";
import {
  addStep,
  multiplyStep,
  preluStep,
  softmaxStep,
  tailStep,
  valuesStep,
} from "./elementwise.js";
import { joinStep, mapStep, meanPoolStep, meanStep, quantizeStep } from "./integers.js";
import { type Memory, type Stored, storedValue } from "./memory.js";
import { averagePoolStep, globalPoolStep, maxPoolStep, sumPoolStep } from "./pools.js";
import {
  concatStep,
  padStep,
  pixelShuffleStep,
  reshapeStep,
  resizeStep,
  shuffleStep,
  sliceStep,
} from "./rearrangements.js";

/**
 * A step in TypeScript: what every other kernel has to compute, to the bit. It reads and writes values in memory.
 */
export const referenceStep = (plan: Plan, step: PlanStep, memory: Memory): (() => void) => {
  const xs = inputsOf(step).map((index) => storedValue(plan, memory, index));
  const y = storedValue(plan, memory, step.output);
  const [x] = xs as [Stored];
  switch (step.kind) {
    case "conv":
      return convStep(step, x, y);
    case "tail":
      return tailStep(step, x, y);
    case "quantize":
      return quantizeStep(x, y);
    case "map":
      return mapStep(step, x, y);
    case "join":
      return joinStep(step, xs as [Stored, Stored], y);
    case "meanPool":
      return meanPoolStep(step, x, y);
    case "mean":
      return meanStep(step, x, y);
    case "values":
      return valuesStep(x, y);
    case "maxPool":
      return maxPoolStep(step, x, y);
    case "averagePool":
      return averagePoolStep(step, x, y);
    case "sumPool":
      return sumPoolStep(step, x, y);
    case "globalPool":
      return globalPoolStep(step, x, y);
    case "prelu":
      return preluStep(step, x, y);
    case "shuffle":
      return shuffleStep(step, x, y);
    case "pixelShuffle":
      return pixelShuffleStep(step, x, y);
    case "pad":
      return padStep(step, x, y);
    case "resize":
      return resizeStep(step, x, y);
    case "reshape":
      return reshapeStep(x, y);
    case "softmax":
      return softmaxStep(x, y);
    case "slice":
      return sliceStep(step, x, y);
    case "concat":
      return concatStep(xs, y);
    case "add":
      return addStep(xs, y);
    case "multiply":
      return multiplyStep(xs as [Stored, Stored], y);
  }
};
