import type { ptqOptions } from "../../options/commands/ptq-options.js";
import type { Call } from "../call.js";

export type PtqCall = Call<typeof ptqOptions>;
