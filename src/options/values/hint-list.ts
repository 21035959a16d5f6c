import { z } from "zod";

/** A layer or module of a net, and that of its teacher from which it learns. */
export interface HintPair {
  readonly own: string;
  readonly taught: string;
}

const NAME = "[A-Za-z0-9_./:-]+";
const PAIRS = new RegExp(`^${NAME}(=${NAME})?(,${NAME}(=${NAME})?)*$`);

/** Layers separated by commas, such as layer1,layer2=features.3. */
export const hintList = () =>
  z.string().regex(PAIRS, {
    error: "expected layers separated by commas, as in layer1,layer2=features.3",
  });

/** The pairs of a {@link hintList}; a layer without `=` has the same name in both nets. */
export const hintPairs = (hints: string): HintPair[] =>
  hints.split(",").map((part) => {
    const [own = "", taught = own] = part.split("=");
    return { own, taught };
  });
