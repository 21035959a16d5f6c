import { QpruneError } from "../../base/errors.js";

/** The library that draws charts, and the one that makes its descriptions of short ones. */
export interface VegaModules {
  readonly vega: typeof import("vega");
  readonly vegaLite: typeof import("vega-lite");
}

/**
 * Loads the library that draws charts. It takes a moment, so that only those who draw load it.
 * @throws QpruneError where it is not installed: it is an optional dependency.
 */
export const loadVega = async (): Promise<VegaModules> => {
  try {
    const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
    return { vega, vegaLite };
  } catch (cause) {
    throw new QpruneError("Charts need the packages vega and vega-lite, which are not installed.", {
      hint: "Install them: npm install vega@~6.4.0 vega-lite@~6.4.3",
      cause,
    });
  }
};
