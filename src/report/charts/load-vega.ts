import { QpruneError } from "../../base/errors.js";

/** The library that draws charts, and the one that compiles short chart descriptions for it. */
export interface VegaModules {
  readonly vega: typeof import("vega");
  readonly vegaLite: typeof import("vega-lite");
}

/**
 * Loads the library that draws charts when the first chart is drawn, since loading takes a moment.
 * @throws QpruneError if it is not installed; it is an optional dependency.
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
