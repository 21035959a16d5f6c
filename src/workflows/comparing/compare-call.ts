import type { compareOptions } from "../../options/commands/compare-options.js";
import type { Call } from "../call.js";

export type CompareCall = Omit<Call<typeof compareOptions>, "argv">;
