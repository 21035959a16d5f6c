import { isDeepStrictEqual } from "node:util";
import { type Html, html } from "../../../html.js";
import type { ComparedNet } from "../../comparison.js";

/** The index of the first net that shows the same as net `index`. */
const firstLike = <T>(shown: readonly T[], index: number): number =>
  shown.findIndex((each) => isDeepStrictEqual(each, shown[index]));

/** Which nets show something that no earlier net shows, and a note that names the duplicates. */
export const skipDuplicates = <T>(
  nets: readonly ComparedNet[],
  show: (net: ComparedNet) => T | undefined,
): { readonly isDrawn: (index: number) => boolean; readonly note: Html } => {
  const shown = nets.map(show);
  const same = nets.flatMap(({ label }, index) => {
    const first = firstLike(shown, index);
    return shown[index] === undefined || first === index
      ? []
      : [`${label} as ${nets[first]?.label}`];
  });
  return {
    isDrawn: (index) => shown[index] !== undefined && firstLike(shown, index) === index,
    note: same.length === 0 ? html`` : html`<p class="note">The same: ${same.join(", ")}.</p>`,
  };
};
