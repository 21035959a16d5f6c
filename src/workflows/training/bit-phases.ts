import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { isMultiBit } from "../../graph/quantizers.js";
import { resolveQuantization } from "../../options/resolve-quantization.js";
import { type BitPhase, bitPhases } from "../../options/values/bit-schedule.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** A part of a run with one quantization; a run without a bit schedule is a single phase. */
export interface Phase {
  /** The call of the run with the quantization of the phase. */
  readonly call: TrainingCall;
  readonly lastEpoch: number;
  readonly isLast: boolean;
}

const phasesOf = ({ bit_schedule: schedule }: TrainingOptions): readonly BitPhase[] =>
  schedule === undefined ? [] : bitPhases(schedule);

/**
 * Refuses a bit schedule that leaves no epoch for the bits of the result.
 * @throws QpruneError (usage)
 */
export const checkBitSchedule = (options: TrainingOptions): void => {
  const scheduled = phasesOf(options).reduce((sum, { epochs }) => sum + epochs, 0);
  if (scheduled < options.epochs) return;
  throw usageError(
    `${option("bit_schedule")} takes ${scheduled} epochs, which leaves none of the run's ${options.epochs} for the bits of the result.`,
    `Choose more ${option("epochs")}, or a shorter schedule.`,
  );
};

/** The call with the DoReFa bits of a phase, and trained ranges if the run has them. */
const withBits = (call: TrainingCall, { weights, activations }: BitPhase): TrainingCall => {
  const { quantizer } = call.options;
  const learns = isMultiBit(weights) || isMultiBit(activations);
  const flags = {
    fixed_gamma: call.options.fixed_gamma,
    Wbits: weights,
    Abits: activations,
    quantizer: learns ? quantizer : undefined,
  };
  return { ...call, quantization: resolveQuantization(flags, new Set(["Wbits", "Abits"])) };
};

/** The phase of a run at an epoch, from 1. */
export const phaseAt = (call: TrainingCall, epoch: number): Phase => {
  let lastEpoch = 0;
  for (const phase of phasesOf(call.options)) {
    lastEpoch += phase.epochs;
    if (epoch <= lastEpoch) return { call: withBits(call, phase), lastEpoch, isLast: false };
  }
  return { call, lastEpoch: call.options.epochs, isLast: true };
};
