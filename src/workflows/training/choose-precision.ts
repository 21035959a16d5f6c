import type { EngineInfo } from "../../engine/load-engine.js";
import type { Precision } from "../../models/precision.js";
import type { WorkflowContext } from "../context.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** The call with the precision that `auto` chooses: bfloat16 where the processor multiplies it, which is reported. */
export const withPrecision = (
  call: TrainingCall,
  engine: EngineInfo,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): TrainingCall => {
  if (call.options.precision !== "auto") return call;
  const multipliesBf16 = engine.kind === "native" && engine.multipliesBf16;
  const precision = multipliesBf16 ? "bf16" : "float32";
  const reason = multipliesBf16
    ? "this processor multiplies bfloat16"
    : "nothing here multiplies bfloat16 in hardware";
  onEvent({ kind: "message", text: `Convolutions compute in ${precision}: ${reason}` });
  return { ...call, options: { ...call.options, precision } };
};

/** The precision of a run, which must be chosen (see {@link withPrecision}). */
export const precisionOf = ({ precision }: Pick<TrainingOptions, "precision">): Precision => {
  if (precision === "auto") throw new Error("the precision is not chosen yet");
  return precision;
};
