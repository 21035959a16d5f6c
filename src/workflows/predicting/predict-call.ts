import type { predictOptions } from "../../options/commands/predict-options.js";
import type { Call } from "../call.js";

/** A call of `qprune predict`. */
export type PredictCall = Omit<Call<typeof predictOptions>, "argv" | "given">;
