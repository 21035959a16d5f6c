import { z } from "zod";
import { netFileOptions } from "./net-file-options.js";

/** Options of `qprune summary`. */
export const summaryOptions = z.object(netFileOptions);
