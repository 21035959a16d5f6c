import type { allocateOptions } from "../../options/commands/allocate-options.js";
import type { Call } from "../call.js";

export type AllocateCall = Call<typeof allocateOptions>;
