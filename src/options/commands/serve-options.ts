import { z } from "zod";
import { flag } from "../flag.js";
import { fileName } from "../values/file-name.js";
import { wholeNumber } from "../values/numbers.js";

const MOST_PORT = 65535;

/** Options of `qprune serve`. */
export const serveOptions = z.object({
  folder: fileName("a folder"),
  port: flag(wholeNumber(0, MOST_PORT).default(8080), {
    flag: "--port <n>",
    effect: "only this call",
    description: "port to listen on; 0 chooses a free one",
    group: "Server",
  }),
  host: flag(z.string().min(1).default("127.0.0.1"), {
    flag: "--host <address>",
    effect: "only this call",
    description: "address to listen on; 0.0.0.0 lets other machines open the page",
    group: "Server",
  }),
});
