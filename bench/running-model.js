import { runningNet } from "../dist/checkpoint/running-net.js";
import { modelState } from "../dist/checkpoint/tensors/model-state.js";
import { FULL_PRECISION } from "../dist/graph/quantizers.js";
import { specOfGraph } from "../dist/models/net-spec.js";

/** The net of a model in full precision, ready for inference. */
export const runningModel = (model) => {
  const { graph } = model;
  const spec = specOfGraph({
    arch: "model",
    graph,
    quantization: FULL_PRECISION,
    form: "trainable",
  });
  return runningNet(spec, { path: "model", state: modelState(model), manifest: undefined });
};
