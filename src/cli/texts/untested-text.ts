import { type Untested, untestedReason } from "../../workflows/testing/open-test-data.js";

/** Why nothing was tested, to follow "Not tested: ", with the flag that changes it. */
export const untestedText = (untested: Untested): string => {
  switch (untested.because) {
    case "not wanted":
      return "--no-test";
    case "dry run":
      return "--dry-run";
    case "no images":
      return `${untestedReason(untested)}; set --data to its folder`;
    case "other classes":
    case "unknown data set":
      return untestedReason(untested);
  }
};
