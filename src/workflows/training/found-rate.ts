import type { Net } from "../../models/net.js";
import { ALONE } from "../../tensor/workers.js";
import { findLearningRate } from "../../train/learning-rate-range.js";
import { gatherTexts } from "../../train/workers/gather-texts.js";
import { loaderOf } from "./evaluate-run.js";
import { stepsOf } from "./optimization-of.js";
import type { Run } from "./run.js";
import type { TrainingCall } from "./training-call.js";

/**
 * The call of a new run; if it leaves the learning rate open, with one that is chosen by a range test of a net of its own.
 * The run itself is then the same as with this rate given.
 */
export const withFoundRate = async (
  run: Omit<Run, "net">,
  createNet: () => Net,
): Promise<TrainingCall> => {
  const { call, context, teacher, workers } = run;
  if (call.options.lr !== "auto") return call;
  context.onEvent({ kind: "rate-test-started" });
  const net = createNet();
  // Every worker tests the whole batches.
  const loader = loaderOf({ ...run, workers: ALONE }, "train");
  try {
    const range = await findLearningRate({
      ...stepsOf(call, { teacher, graph: net.graph }),
      net,
      loader,
      signal: context.signal,
    });
    context.onEvent({ kind: "rate-found", range });
    // Different processors round differently.
    const [rate] = gatherTexts(workers, String(range.learningRate));
    return { ...call, options: { ...call.options, lr: Number(rate) } };
  } finally {
    await loader.close();
    net.dispose();
  }
};
