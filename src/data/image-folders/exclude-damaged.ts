import { QpruneError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import { textOfPath } from "../../files/file-path.js";
import type { ImageSet } from "../data-set.js";
import { subset } from "../subset.js";
import type { ImageEntry } from "./decoding/decode-all.js";
import type { ImageView } from "./decoding/image-view.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import type { ListedImage } from "./listing/list-images.js";
import type { LoadedImages } from "./load-images.js";

/** Damaged files that a message names; more are counted. */
const MAX_NAMED = 5;

const isDamaged = (entry: ImageEntry | undefined): entry is { readonly damage: string } =>
  entry !== undefined && "damage" in entry;

const shown = (damaged: readonly string[]): string => {
  const more = damaged.length - MAX_NAMED;
  return `${damaged.slice(0, MAX_NAMED).map(visibleText).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
};

const checkDamaged = (
  damaged: readonly string[],
  count: number,
  where: string,
  { maxDamaged, notify }: Pick<ImageFolderOptions, "maxDamaged" | "notify">,
): void => {
  if (damaged.length === 0) return;
  const message = `${damaged.length} of ${count} ${where} cannot be read: ${shown(damaged)}`;
  if (damaged.length > maxDamaged * count || damaged.length === count) {
    throw new QpruneError(`${message}.`, {
      code: "too-many-damaged-images",
      details: { maxDamaged },
      hint: `Repair or remove them, or allow a larger share of damaged images than ${maxDamaged}.`,
    });
  }
  notify(`${message}. They are left out.`);
};

/** @throws QpruneError for a class without a readable image. */
const checkClasses = (
  files: readonly ListedImage[],
  classNames: readonly string[],
  where: string,
  entries: LoadedImages["entries"],
): void => {
  const damages = classNames.map(() => ({ whole: 0, damaged: [] as string[] }));
  files.forEach(({ label, name }, index) => {
    const entry = entries[index];
    const ofClass = damages[label];
    if (isDamaged(entry)) ofClass?.damaged.push(`${name}: ${entry.damage}`);
    else if (ofClass) ofClass.whole++;
  });
  const label = damages.findIndex(({ whole, damaged }) => whole === 0 && damaged.length > 0);
  const lost = damages[label]?.damaged;
  if (!lost) return;
  throw new QpruneError(
    `The class ${visibleText(classNames[label] ?? "")} has no readable image among the ${where}: ${lost.length === 1 ? "its only one" : `all its ${lost.length}`} cannot be read: ${shown(lost)}.`,
    { hint: "Repair or replace them, or remove the class folder from every part." },
  );
};

/**
 * Makes an image set of decoded files without the damaged ones, which are reported to `notify`.
 * @throws QpruneError if more files are damaged than allowed, or all files of a class.
 */
export const excludeDamaged = (
  files: readonly ListedImage[],
  classNames: readonly string[],
  /** What the files are and where, for messages: "test images in DIR". */
  where: string,
  view: ImageView,
  { images, entries }: LoadedImages,
  options: Pick<ImageFolderOptions, "maxDamaged" | "notify">,
): ImageSet => {
  const damaged = files.flatMap(({ name }, index) => {
    const entry = entries[index];
    return isDamaged(entry) ? [`${name}: ${entry.damage}`] : [];
  });
  checkDamaged(damaged, files.length, where, options);
  checkClasses(files, classNames, where, entries);
  const ratios = Float32Array.from(entries, (entry) => ("ratio" in entry ? entry.ratio : 1));
  const set: ImageSet = {
    ...images,
    labels: Int32Array.from(files, ({ label }) => label),
    count: files.length,
    paths: files.map(({ path }) => textOfPath(path)),
    squeezed: view.kind === "squeezed" ? { side: view.side, ratios } : undefined,
  };
  if (damaged.length === 0) return set;
  const whole = entries.flatMap((entry, index) => (isDamaged(entry) ? [] : [index]));
  return subset(set, Uint32Array.from(whole));
};
