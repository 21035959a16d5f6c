import { join } from "node:path";
import { drawImage, put, type Suffix } from "../image-folders/draw-images.js";

/** An object in whole pixels. */
export interface DrawnObject {
  readonly name: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An image of its own size with objects. */
export interface DrawnScene {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly DrawnObject[];
}

export const CLASS_NAMES = ["bus", "car", "tree"] as const;

const SUFFIXES: readonly Suffix[] = ["png", "jpg"];

/** Images of different sizes with up to three objects, some with none. */
export const scenes = (count: number, first = 0): readonly DrawnScene[] =>
  Array.from({ length: count }, (_, each) => {
    const at = first + each;
    const [width, height] = [40 + (at % 4) * 20, 30 + (at % 3) * 25];
    const objects = Array.from({ length: at % 4 }, (_, object) => ({
      name: CLASS_NAMES[(at + object) % 3] as string,
      left: 2 + 5 * object,
      top: 1 + 3 * object,
      width: 7 + ((at + object) % 5) * 4,
      height: 9 + ((at + object) % 4) * 3,
    }));
    return { file: `scene${at}.${SUFFIXES[at % 2]}`, width, height, objects };
  });

const drawAll = async (folder: string, all: readonly DrawnScene[]): Promise<void> => {
  for (const { file, width, height } of all) {
    put(
      join(folder, file),
      await drawImage([90, 120, 150], width, height, file.endsWith("png") ? "png" : "jpg"),
    );
  }
};

/** The content of a COCO file. */
export const cocoOf = (all: readonly DrawnScene[]) => ({
  images: all.map(({ file, width, height }, id) => ({ id, file_name: file, width, height })),
  categories: CLASS_NAMES.map((name, index) => ({ id: 10 + index, name })),
  annotations: all.flatMap(({ objects }, image) =>
    objects.map(({ name, left, top, width, height }, index) => ({
      id: 100 * image + index,
      image_id: image,
      category_id: 10 + CLASS_NAMES.indexOf(name as (typeof CLASS_NAMES)[number]),
      bbox: [left, top, width, height],
      iscrowd: 0,
      area: width * height,
    })),
  ),
});

export const vocOf = ({ file, width, height, objects }: DrawnScene): string =>
  `<?xml version="1.0"?>\n<annotation><filename>${file}</filename><size><width>${width}</width><height>${height}</height><depth>3</depth></size>${objects
    .map(
      (each) =>
        `\n<object><name>${each.name}</name><difficult>0</difficult><bndbox><xmin>${each.left + 1}</xmin><ymin>${each.top + 1}</ymin><xmax>${each.left + each.width}</xmax><ymax>${each.top + each.height}</ymax></bndbox></object>`,
    )
    .join("")}\n</annotation>\n`;

export const yoloOf = ({ width, height, objects }: DrawnScene): string =>
  objects
    .map((each) => {
      const label = CLASS_NAMES.indexOf(each.name as (typeof CLASS_NAMES)[number]);
      const center = [
        (each.left + each.width / 2) / width,
        (each.top + each.height / 2) / height,
      ] as const;
      return `${label} ${center.join(" ")} ${each.width / width} ${each.height / height}\n`;
    })
    .join("");

const stemOf = (file: string): string => file.replace(/\.[^.]+$/, "");

type Parts = Readonly<Record<string, readonly DrawnScene[]>>;

/** annotations/instances_PART.json and PART/. */
export const writeCoco = async (folder: string, parts: Parts): Promise<void> => {
  for (const [part, all] of Object.entries(parts)) {
    await drawAll(join(folder, part), all);
    put(join(folder, "annotations", `instances_${part}.json`), JSON.stringify(cocoOf(all)));
  }
};

/** images/PART, labels/PART and data.yaml. */
export const writeYolo = async (folder: string, parts: Parts): Promise<void> => {
  const lines = Object.keys(parts).map((part) => `${part}: images/${part}`);
  put(join(folder, "data.yaml"), `${lines.join("\n")}\nnames: [${CLASS_NAMES.join(", ")}]\n`);
  for (const [part, all] of Object.entries(parts)) {
    await drawAll(join(folder, "images", part), all);
    for (const scene of all)
      put(join(folder, "labels", part, `${stemOf(scene.file)}.txt`), yoloOf(scene));
  }
};

/** Annotations, JPEGImages and ImageSets/Main. */
export const writeVoc = async (folder: string, parts: Parts): Promise<void> => {
  for (const [part, all] of Object.entries(parts)) {
    await drawAll(join(folder, "JPEGImages"), all);
    for (const scene of all)
      put(join(folder, "Annotations", `${stemOf(scene.file)}.xml`), vocOf(scene));
    const names = all.map(({ file }) => stemOf(file));
    put(join(folder, "ImageSets", "Main", `${part}.txt`), `${names.join("\n")}\n`);
  }
};
