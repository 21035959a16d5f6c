import { isDeepStrictEqual } from "node:util";
import type { ComparedNet } from "../comparison.js";
import { type Html, html } from "./html.js";

/** The first net that shows the same as net number `at`; that itself where it is the first. */
const firstLike = <T>(shown: readonly T[], at: number): number =>
  shown.findIndex((each) => isDeepStrictEqual(each, shown[at]));

/** Which nets show what no earlier one does, and a line that says of the others whose they share. */
export const drawnOnce = <T>(
  nets: readonly ComparedNet[],
  show: (net: ComparedNet) => T | undefined,
): { readonly isDrawn: (at: number) => boolean; readonly note: Html } => {
  const shown = nets.map(show);
  const same = nets.flatMap(({ label }, at) => {
    const first = firstLike(shown, at);
    return shown[at] === undefined || first === at ? [] : [`${label} as ${nets[first]?.label}`];
  });
  return {
    isDrawn: (at) => shown[at] !== undefined && firstLike(shown, at) === at,
    note: same.length === 0 ? html`` : html`<p class="note">The same: ${same.join(", ")}.</p>`,
  };
};
