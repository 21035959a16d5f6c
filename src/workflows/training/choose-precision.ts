import type { EngineInfo } from "../../engine/load-engine.js";
import type { Precision } from "../../models/precision.js";
import type { WorkflowContext } from "../context.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/**
 * The call with the precision that `auto` chooses: bfloat16 where the processor multiplies it, which is reported. So is
 * bfloat16 that was asked for where it is emulated.
 */
export const withPrecision = (
  call: TrainingCall,
  engine: EngineInfo,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): TrainingCall => {
  const asked = call.options.precision;
  const multipliesBf16 = engine.kind === "native" && engine.multipliesBf16;
  const say = (text: string) => onEvent({ kind: "message", text });
  if (asked === "auto") {
    const precision = multipliesBf16 ? "bf16" : "float32";
    const reason = multipliesBf16
      ? "this processor multiplies bfloat16"
      : "nothing here multiplies bfloat16 in hardware";
    say(`Convolutions compute in ${precision}: ${reason}`);
    return { ...call, options: { ...call.options, precision } };
  }
  if (asked === "bf16" && !multipliesBf16)
    say(
      "Nothing here multiplies bfloat16 in hardware, so --precision bf16 is slower than float32; auto would choose float32",
    );
  return call;
};

/** The precision of a run, which must be chosen (see {@link withPrecision}). */
export const precisionOf = ({ precision }: Pick<TrainingOptions, "precision">): Precision => {
  if (precision === "auto") throw new Error("the precision is not chosen yet");
  return precision;
};
