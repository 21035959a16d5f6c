import { mkdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { FoundBox } from "../../boxes/box.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import { drawBoxes } from "../../report/boxes/draw-boxes.js";
import { encodePng } from "../../report/charts/encode-png.js";

/** The name of an image without its folder and ending; a colon is not allowed everywhere. */
const plainName = (image: string): string => basename(image, extname(image)).replaceAll(":", "-");

/**
 * Returns a function that writes images with their boxes into a folder, which is created. Images of one name get numbers.
 * @throws QpruneError (usage) if there cannot be such a folder.
 */
export const boxWriter = async (
  folder: string,
  { height, width }: Pick<DataSetInfo, "height" | "width">,
) => {
  await mkdir(folder, { recursive: true }).catch((cause: Error) => {
    throw new QpruneError(`The folder ${folder} cannot be created: ${cause.message}`, {
      kind: "usage",
      hint: `Move what is in the way, or choose another folder with ${option("save")}.`,
      cause,
    });
  });
  const used = new Map<string, number>();
  return async (image: string, pixels: Uint8Array, boxes: readonly FoundBox[]): Promise<void> => {
    const name = plainName(image);
    const earlier = used.get(name) ?? 0;
    used.set(name, earlier + 1);
    const drawn = drawBoxes({ pixels, height, width }, boxes);
    const file = earlier === 0 ? `${name}.png` : `${name}-${earlier + 1}.png`;
    await writeFileAtomically(join(folder, file), [
      encodePng(drawn.pixels, drawn.width, drawn.height),
    ]);
  };
};
