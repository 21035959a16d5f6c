import { QpruneError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import type { Box, LabeledBox } from "../../boxes/box.js";
import type { ImageFolderOptions } from "../image-folders/image-folder-options.js";

/** Unusable boxes that a message names; more are counted. */
const MAX_NAMED = 5;

/** What became of the boxes of a part. */
export interface BoxTally {
  readonly usable: number;
  /** Of the usable ones: groups of objects that are not told apart. */
  readonly crowds: number;
  /** Of the usable ones: objects that are hard to recognize. */
  readonly difficult: number;
  /** Of the usable ones: boxes of which a part lay outside the image. */
  readonly cut: number;
  /** Of each unusable one, where it is and what is wrong with it. */
  readonly unusable: readonly string[];
}

/** The sides of an image, in the unit of its boxes. */
interface Sides {
  readonly width: number;
  readonly height: number;
  /** A box that loses less of a side at the edge was only rounded. */
  readonly rounding: number;
}

/** The part of a box that lies in the image; undefined if it is empty. */
const partInside = ({ left, top, width, height }: Box, image: Sides): Box | undefined => {
  const inside = { left: Math.max(left, 0), top: Math.max(top, 0) };
  const right = Math.min(left + width, image.width);
  const bottom = Math.min(top + height, image.height);
  if (right <= inside.left || bottom <= inside.top) return undefined;
  return { ...inside, width: right - inside.left, height: bottom - inside.top };
};

/** Collects the boxes of a part. */
export interface BoxCollector {
  /**
   * A box in shares of the image, without what lies outside; none if it is unusable, which is counted.
   * @param where names the box, as in "annotation 17"
   */
  readonly add: (box: LabeledBox, image: Sides, where: string) => readonly LabeledBox[];
  readonly tally: () => BoxTally;
}

export const createBoxCollector = (): BoxCollector => {
  const unusable: string[] = [];
  const counts = { usable: 0, crowds: 0, difficult: 0, cut: 0 };
  const add: BoxCollector["add"] = (box, image, where) => {
    const { label, area, isCrowd, isDifficult } = box;
    const inside = partInside(box, image);
    if (!inside) {
      const isEmpty = !(box.width > 0 && box.height > 0);
      unusable.push(`${where}: ${isEmpty ? "it has no area" : "it lies outside the image"}`);
      return [];
    }
    counts.usable++;
    if (isCrowd) counts.crowds++;
    if (isDifficult) counts.difficult++;
    const lost = Math.max(box.width - inside.width, box.height - inside.height);
    if (lost > image.rounding) counts.cut++;
    const [x, y] = [1 / image.width, 1 / image.height];
    return [
      {
        label,
        left: inside.left * x,
        top: inside.top * y,
        width: inside.width * x,
        height: inside.height * y,
        ...(area !== undefined && { area: area * x * y }),
        ...(isCrowd && { isCrowd }),
        ...(isDifficult && { isDifficult }),
      },
    ];
  };
  return { add, tally: () => ({ ...counts, unusable }) };
};

/**
 * Reports unusable boxes to `notify`.
 * @throws QpruneError if there are more than the share `maxDamaged` allows.
 */
export const checkBoxes = (
  { usable, unusable }: BoxTally,
  where: string,
  { maxDamaged, notify }: Pick<ImageFolderOptions, "maxDamaged" | "notify">,
): void => {
  if (unusable.length === 0) return;
  const count = usable + unusable.length;
  const more = unusable.length - MAX_NAMED;
  const named = unusable.slice(0, MAX_NAMED).map(visibleText).join("; ");
  const message = `${unusable.length} of ${count} boxes in ${visibleText(where)} cannot be used: ${named}${more > 0 ? `; and ${more} more` : ""}`;
  if (unusable.length > maxDamaged * count) {
    throw new QpruneError(`${message}.`, {
      code: "too-many-damaged-images",
      details: { maxDamaged },
      hint: `Repair or remove them, or allow a larger share than ${maxDamaged}.`,
    });
  }
  notify(`${message}. They are left out.`);
};

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** What the boxes of a part are, for a line to the user: "1200 boxes (3 crowds, 2 cut at the edge)". */
export const tallyText = ({ usable, crowds, difficult, cut }: BoxTally): string => {
  const among = [
    ...(crowds > 0
      ? [`${plural(crowds, "crowd", "crowds")}, which count as neither right nor wrong`]
      : []),
    ...(difficult > 0 ? [`${difficult} difficult, which count as neither right nor wrong`] : []),
    ...(cut > 0 ? [`${cut} cut at the edge of the image`] : []),
  ];
  return `${plural(usable, "box", "boxes")}${among.length > 0 ? ` (${among.join("; ")})` : ""}`;
};
