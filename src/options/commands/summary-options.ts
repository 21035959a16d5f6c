import { z } from "zod";
import { netFileOptions } from "../groups/net-file-options.js";

/** Options of `qprune summary`. */
export const summaryOptions = z.object(netFileOptions);
