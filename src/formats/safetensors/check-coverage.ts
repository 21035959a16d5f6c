import { quoted } from "../../base/visible-text.js";
import type { HeaderEntry } from "./header-entry.js";
import { malformed } from "./malformed.js";

/**
 * Checks that the tensors fill the file's data without gap or overlap, as the format demands.
 * @throws QpruneError naming the first tensor that is out of place.
 */
export const checkCoverage = (
  entries: readonly HeaderEntry[],
  dataBytes: number,
  fileName: string,
): void => {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered || end > dataBytes) {
      const expected =
        begin === covered ? `the data end at ${dataBytes}` : `${covered} was expected`;
      throw malformed(
        fileName,
        `tensor ${quoted(name)} lies at ${begin} to ${end}, but ${expected}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw malformed(fileName, `its tensors fill ${covered} of ${dataBytes} bytes of data`);
  }
};
