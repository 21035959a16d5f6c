import type { exportOptions } from "../../options/commands/export-options.js";
import type { Call } from "../call.js";

export type ExportCall = Call<typeof exportOptions>;
