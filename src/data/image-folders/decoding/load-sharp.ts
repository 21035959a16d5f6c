import { QpruneError } from "../../../base/errors.js";

type Sharp = typeof import("sharp")["default"];

/**
 * Loads the image decoder, an optional dependency, when the first image is decoded.
 * @throws QpruneError if it is not installed or does not run on this machine.
 */
export const loadSharp = async (
  load: () => Promise<{ readonly default: Sharp }> = () => import("sharp"),
): Promise<Sharp> => {
  try {
    return (await load()).default;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const [reason = ""] = String((cause as Error).message).split("\n");
    throw new QpruneError(
      `The package sharp, which decodes images, ${isMissing ? "is not installed" : `cannot be loaded: ${reason}`}.`,
      { hint: "Install it next to qprune: npm install sharp", cause },
    );
  }
};
