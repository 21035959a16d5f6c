import type { sensitivityOptions } from "../../options/commands/sensitivity-options.js";
import type { Call } from "../call.js";

export type SensitivityCall = Call<typeof sensitivityOptions>;
