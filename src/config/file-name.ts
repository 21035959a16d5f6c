import { z } from "zod";

/** The name of a file, or of what else an option takes. */
export const fileName = (what = "a file or folder") =>
  z.string().min(1, { error: `expected the name of ${what}` });
