import { z } from "zod";

/** A part of a run that trains with other bits than its end. */
export interface BitPhase {
  readonly weights: number;
  readonly activations: number;
  readonly epochs: number;
}

const PHASE = "(?:[1-8]|32)/(?:[1-8]|32):[1-9][0-9]{0,5}";
const PHASES = new RegExp(`^${PHASE}(?:,${PHASE})*$`);

/** Bits of weights and activations with a number of epochs, separated by commas, such as 32/32:10,8/8:5,4/4:5. */
export const bitSchedule = () =>
  z.string().regex(PHASES, {
    error:
      "expected WEIGHTS/ACTIVATIONS:EPOCHS with 1 to 8 bits, or 32 for full precision, as in 8/8:10,4/4:5",
  });

/** The phases of a {@link bitSchedule}. */
export const bitPhases = (schedule: string): BitPhase[] =>
  schedule.split(",").map((part) => {
    const [weights, activations, epochs] = part.split(/[/:]/).map(Number) as [
      number,
      number,
      number,
    ];
    return { weights, activations, epochs };
  });
