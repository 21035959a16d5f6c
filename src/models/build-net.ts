import { checkSpec } from "./check-spec.js";
import { convNormStage } from "./conv-norm-stage.js";
import type { InitialValues } from "./conv-parts.js";
import { globalAverageLayer } from "./layers/pool-layer.js";
import { mergedStage } from "./merged-stage.js";
import { type Net, netOf } from "./net.js";
import { normConvStage } from "./norm-conv-stage.js";
import type { NetSpec } from "./spec.js";

/** A net with folded batch norms: it has no norms and nothing to train; a file's numbers replace the initial zeros. */
const buildMergedNet = (spec: NetSpec, initial: InitialValues): Net => {
  const stages = spec.convs.map((_, index) => mergedStage({ spec, index, initial }));
  return netOf({
    spec,
    layers: [...stages.flatMap(({ layers }) => layers), globalAverageLayer()],
    state: stages.flatMap(({ state }) => state),
    batchCounters: [],
  });
};

/** Builds a net with its initial values: Xavier kernels, zero biases and betas, gammas as `initial` specifies. */
export const buildNet = (spec: NetSpec, initial: InitialValues): Net => {
  checkSpec(spec, spec.arch);
  if (spec.form === "merged") return buildMergedNet(spec, initial);
  const stageOf = spec.order === "conv-norm-activation" ? convNormStage : normConvStage;
  const stages = spec.convs.map((_, index) => stageOf({ spec, index, initial }));
  return netOf({
    spec,
    layers: [...stages.flatMap(({ layers }) => layers), globalAverageLayer()],
    state: stages.flatMap(({ state }) => state),
    batchCounters: stages.map(({ counter }) => counter),
  });
};
