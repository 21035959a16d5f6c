import { QpruneError } from "../../../base/errors.js";

type Sharp = typeof import("sharp")["default"];

/**
 * The decoder of images. It is an optional dependency, loaded where an image is to be decoded and not before.
 * @throws QpruneError where it is not installed or does not run on this machine.
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
      `Images are decoded by the package sharp, which ${isMissing ? "is not installed" : `cannot be loaded: ${reason}`}.`,
      { hint: "Install it beside qprune: npm install sharp", cause },
    );
  }
};
