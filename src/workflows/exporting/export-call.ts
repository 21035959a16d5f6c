import type { exportOptions } from "../../options/commands/export-options.js";
import type { Call } from "../../cli/command.js";

/** A call of `qprune export`. */
export type ExportCall = Call<typeof exportOptions>;
