import type { ErrorCode } from "../base/error-codes.js";
import type { ErrorDetails, QpruneError } from "../base/errors.js";

/** What to do about an error in terms of flags; libraries know none. */
const FLAG_ADVICE: { readonly [code in ErrorCode]?: string | ((details: ErrorDetails) => string) } =
  {
    "too-few-images-to-split": "Leave --val-split out, or train on more images.",
  };

/** The hint that the command line prints for an error: its advice about flags, else the error's own hint. */
export const hintOf = ({ code, details, hint }: QpruneError): string | undefined => {
  const advice = code && FLAG_ADVICE[code];
  return typeof advice === "function" ? advice(details) : (advice ?? hint);
};
