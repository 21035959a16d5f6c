import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import type { LabeledBox } from "../../../src/boxes/box.js";
import { createBatchLoader } from "../../../src/data/batches/batch-loader.js";
import type { DataSet, DataSetInfo } from "../../../src/data/data-set.js";
import { dataSetDigest } from "../../../src/data/data-set-digest.js";
import { holdOut } from "../../../src/data/hold-out.js";
import type { ImageFolderOptions } from "../../../src/data/image-folders/image-folder-options.js";
import { loadDataSet } from "../../../src/data/load-data-set.js";
import { folderOptions, imagesFolder, put } from "../image-folders/draw-images.js";
import {
  CLASS_NAMES,
  cocoOf,
  type DrawnScene,
  scenes,
  vocOf,
  writeCoco,
  writeVoc,
  writeYolo,
} from "./write-annotated.js";

const roots: string[] = [];
const fresh = (): string => {
  const folder = imagesFolder();
  roots.push(folder);
  return folder;
};
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const SIDE = 64;

const load = async (
  directory: string,
  more: Partial<ImageFolderOptions> = {},
  limits: { trainLimit?: number; testLimit?: number; parts?: "test only" } = {},
): Promise<{ readonly dataSet: DataSet; readonly lines: readonly string[] }> => {
  const images = folderOptions(directory, { imageSize: SIDE, ...more });
  const where = { name: "boxes", directory, parts: "train and test", ...limits } as const;
  return { dataSet: await loadDataSet({ ...where, images }), lines: images.lines };
};

/** The message and hint of the refusal of a folder. */
const refusal = async (
  directory: string,
  more: Partial<ImageFolderOptions> = {},
): Promise<string> => {
  const error = await load(directory, more).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(QpruneError);
  const { message, hint } = error as QpruneError;
  expect(hint).toBeTruthy();
  return message;
};

const PARTS = { train: scenes(8), val: scenes(4, 20) };

const expected = ({ width, height, objects }: DrawnScene): LabeledBox[] =>
  objects.map((each) => ({
    label: CLASS_NAMES.indexOf(each.name as (typeof CLASS_NAMES)[number]),
    left: (each.left / width) * SIDE,
    top: (each.top / height) * SIDE,
    width: (each.width / width) * SIDE,
    height: (each.height / height) * SIDE,
  }));

const expectBoxes = (
  found: readonly (readonly LabeledBox[])[] | undefined,
  all: readonly DrawnScene[],
): void => {
  const sorted = [...all].sort((a, b) => (a.file < b.file ? -1 : 1));
  expect(found).toHaveLength(all.length);
  for (const [index, scene] of sorted.entries()) {
    const boxes = expected(scene);
    expect(found?.[index]).toHaveLength(boxes.length);
    for (const [at, box] of boxes.entries()) {
      const own = found?.[index]?.[at];
      expect(own?.label).toBe(box.label);
      // The shares are divided and multiplied again in doubles.
      for (const key of ["left", "top", "width", "height"] as const)
        expect(own?.[key]).toBeCloseTo(box[key], 9);
    }
  }
};

const WRITERS = { COCO: writeCoco, "Pascal VOC": writeVoc, YOLO: writeYolo };
const byName = (all: readonly DrawnScene[]) => [...all].sort((a, b) => (a.file < b.file ? -1 : 1));

describe.each(Object.entries(WRITERS))("%s", (format, write) => {
  test("gives the boxes of the drawn scenes in pixels of the net's square", async () => {
    const folder = fresh();
    await write(folder, { train: byName(PARTS.train), val: byName(PARTS.val) });
    const { dataSet, lines } = await load(folder);
    expect(dataSet.info.classNames).toEqual([...CLASS_NAMES]);
    expect(dataSet.info.hasBoxes).toBe(true);
    expectBoxes(dataSet.train.boxes, PARTS.train);
    expectBoxes(dataSet.test.boxes, PARTS.val);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^8 training images with 12 boxes in .*\\(${format}\\)`)),
      expect.stringMatching(/^4 test images with 6 boxes/),
    ]);
  });

  test("names what is missing if there is no part for testing", async () => {
    const folder = fresh();
    await write(folder, { train: PARTS.train });
    expect(await refusal(folder)).toMatch(/has .* annotations, but no part for testing: expected/);
  });

  test("leaves a missing image out with a line if few enough are missing", async () => {
    const folder = fresh();
    await write(folder, PARTS);
    const image = dataSetPath(format, folder);
    rmSync(image);
    if (format === "YOLO") return; // Its images are those that exist.
    expect(await refusal(folder)).toContain("1 of 8 training images");
    const { dataSet, lines } = await load(folder, { maxDamaged: 0.2 });
    expect(dataSet.train.count).toBe(7);
    expect(dataSet.train.boxes).toHaveLength(7);
    expect(lines.join("\n")).toMatch(/scene3.jpg: there is no such file. They are left out/);
  });
});

const dataSetPath = (format: string, folder: string): string => {
  const places = { COCO: "train", "Pascal VOC": "JPEGImages", YOLO: "images/train" };
  return join(folder, places[format as keyof typeof places], "scene3.jpg");
};

describe("the images", () => {
  test("are whole for evaluation, and parts of the squeezed images for training", async () => {
    const folder = fresh();
    await writeCoco(folder, PARTS);
    const { dataSet } = await load(folder);
    const { train, info } = dataSet;
    expect(train.squeezed?.side).toBe(1.25 * SIDE);
    const options = { images: train, info, batchSize: 8, seed: 1, workers: 0 } as const;
    const evaluated = createBatchLoader({ ...options, mode: "evaluate" });
    for await (const { boxes } of evaluated.epoch(0)) {
      const flat = train.boxes?.flat() ?? [];
      expect(boxes?.flat()).toHaveLength(flat.length);
      for (const [index, box] of (boxes ?? []).flat().entries())
        expect(box.left).toBeCloseTo(flat[index]?.left as number, 9);
    }
    const trained = createBatchLoader({ ...options, mode: "train" });
    for await (const { boxes } of trained.epoch(1))
      for (const box of (boxes ?? []).flat()) {
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.left + box.width).toBeLessThanOrEqual(SIDE + 1e-9);
      }
  });

  test("are a fair sample with a limit, the same in every run, with their boxes", async () => {
    const folder = fresh();
    await writeCoco(folder, { train: scenes(12), val: scenes(2, 20) });
    const { dataSet } = await load(folder, {}, { trainLimit: 5 });
    const again = await load(folder, {}, { trainLimit: 5 });
    expect(dataSet.train.count).toBe(5);
    expect(again.dataSet.train.paths).toEqual(dataSet.train.paths);
    expect(dataSet.train.paths?.map((path) => path.slice(folder.length))).not.toEqual(
      scenes(5).map(({ file }) => `/train/${file}`),
    );
    for (const [index, path] of (dataSet.train.paths ?? []).entries()) {
      const scene = scenes(12).find(({ file }) => path.endsWith(`/${file}`)) as DrawnScene;
      expect(dataSet.train.boxes?.[index]).toHaveLength(scene.objects.length);
    }
  });

  test("keep their boxes when some are held out", async () => {
    const folder = fresh();
    await writeYolo(folder, PARTS);
    const { dataSet } = await load(folder);
    const { train, validation } = holdOut(dataSet, 0.25, 1);
    expect(validation?.boxes).toHaveLength(2);
    expect(train.boxes).toHaveLength(6);
    const all = [...(train.boxes ?? []), ...(validation?.boxes ?? [])].flat();
    expect(all).toHaveLength(12);
  });

  test("count as damaged if their aspect ratio is not that of the annotations", async () => {
    const folder = fresh();
    await writeCoco(folder, PARTS);
    const path = join(folder, "annotations", "instances_train.json");
    const coco = cocoOf(PARTS.train);
    const images = coco.images.map((image) =>
      image.id === 1 ? { ...image, width: image.height, height: image.width } : image,
    );
    writeFileSync(path, JSON.stringify({ ...coco, images }));
    const { lines } = await load(folder, { maxDamaged: 0.2 });
    expect(lines.join("\n")).toMatch(
      /scene1.jpg: its annotations are for an image with another aspect ratio .*EXIF/,
    );
  });
});

describe("the classes of a net", () => {
  const info = (classNames: readonly string[]): DataSetInfo => ({
    name: "boxes",
    channels: 3,
    height: SIDE,
    width: SIDE,
    mean: [0.5, 0.5, 0.5],
    std: [0.2, 0.2, 0.2],
    augmentation: { cropPadding: 0, mirror: false },
    hasBoxes: true,
    classNames,
  });

  test("set the labels, whatever the order in the annotations", async () => {
    const folder = fresh();
    await writeCoco(folder, PARTS);
    const classNames = ["tree", "person", "car", "bus"];
    const options = { netDataSet: info(classNames) };
    const { dataSet } = await load(folder, options, { parts: "test only" });
    expect(dataSet.info.classNames).toEqual(classNames);
    const names = dataSet.test.boxes?.map((boxes) => boxes.map(({ label }) => classNames[label]));
    expect(names).toEqual(PARTS.val.map(({ objects }) => objects.map(({ name }) => name)));
  });

  test("have to contain those of all objects", async () => {
    const folder = fresh();
    await writeCoco(folder, PARTS);
    const message = await refusal(folder, { netDataSet: info(["car", "tree"]) });
    expect(message).toMatch(/has objects of bus, but the net has the classes car, tree/);
  });
});

describe("COCO", () => {
  const write = async (change: (coco: ReturnType<typeof cocoOf>) => unknown): Promise<string> => {
    const folder = fresh();
    await writeCoco(folder, PARTS);
    const content = change(cocoOf(PARTS.train));
    const text = typeof content === "string" ? content : JSON.stringify(content);
    put(join(folder, "annotations", "instances_train.json"), text);
    return folder;
  };
  type Coco = ReturnType<typeof cocoOf>;
  const withAnnotation =
    (more: object) =>
    (coco: Coco): unknown => ({
      ...coco,
      annotations: coco.annotations.map((each) => (each.id === 301 ? { ...each, ...more } : each)),
    });

  test("keeps crowds apart and takes areas from the file", async () => {
    const folder = await write(withAnnotation({ iscrowd: 1, area: 20 }));
    const { dataSet, lines } = await load(folder);
    const crowd = dataSet.train.boxes?.[3]?.[1];
    const { width, height } = PARTS.train[3] as DrawnScene;
    expect(crowd?.isCrowd).toBe(true);
    expect(crowd?.area).toBeCloseTo((20 * SIDE * SIDE) / (width * height), 9);
    expect(lines[0]).toContain("12 boxes (1 crowd, which count as neither right nor wrong)");
  });

  test("is found in folders of parts too, and next to images/", async () => {
    const folder = fresh();
    await writeCoco(folder, PARTS);
    const other = fresh();
    for (const [part, all] of Object.entries({ train: PARTS.train, valid: PARTS.val })) {
      put(join(other, part, "_annotations.coco.json"), JSON.stringify(cocoOf(all)));
      const from = part === "valid" ? "val" : part;
      for (const { file } of all)
        put(join(other, part, file), readFileSync(join(folder, from, file)));
    }
    const third = fresh();
    for (const [part, all] of Object.entries(PARTS)) {
      put(join(third, `${part}.json`), JSON.stringify(cocoOf(all)));
      for (const { file } of all)
        put(join(third, "images", file), readFileSync(join(folder, part, file)));
    }
    const [one, two, three] = await Promise.all([folder, other, third].map((each) => load(each)));
    expect(two?.dataSet.train.boxes).toEqual(one?.dataSet.train.boxes);
    expect(three?.dataSet.test.boxes).toEqual(one?.dataSet.test.boxes);
  });

  test.each<[string, (coco: Coco) => unknown, RegExp]>([
    ["an empty file", () => "", /instances_train.json: it is empty/],
    ["no JSON", () => '{"images": [', /instances_train.json: it is not JSON/],
    [
      "NaN",
      (coco) => JSON.stringify(coco, null, 1).replace(/"area": \d+/, '"area": NaN'),
      /instances_train.json:\d+: NaN is not a number/,
    ],
    [
      "a missing list",
      ({ images, categories }) => ({ images, categories }),
      /it has no list "annotations"/,
    ],
    [
      "no categories",
      (coco) => ({ ...coco, categories: [], annotations: [] }),
      /it has no categories/,
    ],
    ["no images", (coco) => ({ ...coco, images: [], annotations: [] }), /it has no images/],
    [
      "an unknown category",
      withAnnotation({ category_id: 99 }),
      /annotation 301: category_id 99 is not in the list of categories/,
    ],
    [
      "an unknown image",
      withAnnotation({ image_id: 99 }),
      /annotation 301: image_id 99 is not in the list of images/,
    ],
    ["a box with three numbers", withAnnotation({ bbox: [1, 2, 3] }), /annotation 301: bbox/],
    [
      "a number as text",
      withAnnotation({ bbox: [1, 2, "3", 4] }),
      /annotation 301: bbox.2: expected number/,
    ],
    [
      "a null instead of a number",
      withAnnotation({ bbox: [1, 2, null, 4] }),
      /annotation 301: bbox.2: expected number/,
    ],
    [
      "an id that is used twice",
      withAnnotation({ id: 300 }),
      /annotation 300: its id is used twice/,
    ],
    [
      "a category that is named twice",
      (coco) => ({
        ...coco,
        categories: coco.categories.map((each) => ({ ...each, name: "car" })),
      }),
      /category 11: its name "car" is used twice/,
    ],
    [
      "an image that is listed twice",
      (coco) => ({
        ...coco,
        images: coco.images.map((each) => ({ ...each, file_name: "scene0.png" })),
      }),
      /image 1: its name "scene0.png" is used twice/,
    ],
    [
      "a path that leaves the folder",
      (coco) => ({
        ...coco,
        images: coco.images.map((each) => ({ ...each, file_name: `../x/${each.file_name}` })),
      }),
      /image 0: "..\/x\/scene0.png" is not a path below/,
    ],
    [
      "other file names",
      (coco) => ({
        ...coco,
        images: coco.images.map((each) => ({ ...each, file_name: `a${each.file_name}` })),
      }),
      /its images are missing: there is no "ascene0.png" in/,
    ],
    [
      "a box without area",
      withAnnotation({ bbox: [5, 5, 0, 9] }),
      /1 of 12 boxes .*annotation 301 \(scene3.jpg\): it has no area/,
    ],
    [
      "a box outside of the image",
      withAnnotation({ bbox: [500, 5, 4, 9] }),
      /annotation 301 \(scene3.jpg\): it lies outside the image/,
    ],
  ])("refuses %s", async (_, change, message) => {
    expect(await refusal(await write(change))).toMatch(message);
  });

  test("leaves few unusable boxes out, and cuts boxes at the edge", async () => {
    const folder = await write(withAnnotation({ bbox: [5, 5, 0, 9] }));
    const { dataSet, lines } = await load(folder, { maxDamaged: 0.1 });
    expect(dataSet.train.boxes?.[3]).toHaveLength(2);
    expect(lines[0]).toMatch(/annotation 301 .*: it has no area. They are left out.$/);
    const cut = await load(await write(withAnnotation({ bbox: [-5, 5, 15, 9] })));
    expect(cut.dataSet.train.boxes?.[3]?.[1]?.left).toBe(0);
    expect(cut.lines[0]).toContain("12 boxes (1 cut at the edge of the image)");
  });

  test("refuses a file of 2 GB before it is read", async () => {
    const folder = await write((coco) => coco);
    truncateSync(join(folder, "annotations", "instances_train.json"), 2 * 1024 ** 3);
    expect(await refusal(folder)).toMatch(/instances_train.json: it has 2048 MiB, more than/);
  });
});

describe("Pascal VOC", () => {
  const write = async (change: (xml: string) => string): Promise<string> => {
    const folder = fresh();
    await writeVoc(folder, PARTS);
    const scene = PARTS.train[3] as DrawnScene;
    put(join(folder, "Annotations", "scene3.xml"), change(vocOf(scene)));
    return folder;
  };

  test("keeps difficult objects apart", async () => {
    const folder = await write((xml) => xml.replace("<difficult>0", "<difficult>1"));
    const { dataSet, lines } = await load(folder);
    expect(dataSet.train.boxes?.[3]?.map(({ isDifficult }) => isDifficult)).toEqual([
      true,
      undefined,
      undefined,
    ]);
    expect(lines[0]).toContain("12 boxes (1 difficult, which count as neither right nor wrong)");
  });

  test("reads the size of the image if the annotation has none", async () => {
    const whole = await load(await write((xml) => xml));
    const sizeless = await load(await write((xml) => xml.replace(/<size>.*<\/size>/, "")));
    expect(sizeless.dataSet.train.boxes).toEqual(whole.dataSet.train.boxes);
  });

  test("reads test.txt with trainval.txt, folders of years, and annotations next to images", async () => {
    const folder = fresh();
    await writeVoc(folder, PARTS);
    const years = fresh();
    await writeVoc(join(years, "VOCdevkit", "VOC2007"), {
      trainval: PARTS.train,
      train: PARTS.train.slice(0, 2),
      val: PARTS.val,
      test: PARTS.val,
    });
    const flat = fresh();
    for (const [part, all] of Object.entries(PARTS))
      for (const scene of all) {
        put(join(flat, part, scene.file), readFileSync(join(folder, "JPEGImages", scene.file)));
        put(join(flat, part, `${scene.file.replace(/\..*/, "")}.xml`), vocOf(scene));
      }
    const [one, two, three] = await Promise.all([folder, years, flat].map((each) => load(each)));
    expect(two?.dataSet.train.boxes).toEqual(one?.dataSet.train.boxes);
    expect(three?.dataSet.test.boxes).toEqual(one?.dataSet.test.boxes);
  });

  test.each<[string, (xml: string) => string, RegExp]>([
    ["an empty file", () => "", /scene3.xml: it is empty/],
    ["no XML", (xml) => xml.replace("</object>", ""), /scene3.xml:\d+: it is not XML/],
    ["another document", () => "<html></html>", /scene3.xml: it has no <annotation>/],
    [
      "a document type",
      (xml) => xml.replace("<annotation>", '<!DOCTYPE a [<!ENTITY b "c">]>\n<annotation>'),
      /scene3.xml:2: it declares a document type or entities/,
    ],
    [
      "NaN",
      (xml) => xml.replace(/<xmin>\d+/, "<xmin>NaN"),
      /scene3.xml, object 1 \(bus\): xmin is "NaN", not a number/,
    ],
    [
      "a missing side",
      (xml) => xml.replace(/<ymax>\d+<\/ymax>/, ""),
      /object 1 \(bus\): ymax is missing/,
    ],
    [
      "an object without a name",
      (xml) => xml.replace("<name>bus</name>", ""),
      /scene3.xml, object 1: it has no name/,
    ],
    [
      "a box without area",
      (xml) => xml.replace(/<xmax>\d+/, "<xmax>1"),
      /scene3.xml, object 1 \(bus\): it has no area/,
    ],
    [
      "a box outside of the image",
      (xml) => xml.replace(/<xmin>\d+/, "<xmin>900").replace(/<xmax>\d+/, "<xmax>920"),
      /it lies outside the image/,
    ],
  ])("refuses %s", async (_, change, message) => {
    expect(await refusal(await write(change))).toMatch(message);
  });

  test("refuses classes that are not in classes.txt, and lists that do not fit", async () => {
    const folder = await write((xml) => xml);
    put(join(folder, "classes.txt"), "car\ntree\n");
    expect(await refusal(folder)).toMatch(/the class "bus" is not in the list \(car, tree\)/);
    rmSync(join(folder, "classes.txt"));
    const list = join(folder, "ImageSets", "Main", "train.txt");
    put(list, "scene1\nscene99\n");
    expect(await refusal(folder)).toMatch(/train.txt:2: there is no .*scene99.xml/);
    put(list, "scene1\nscene1\n");
    expect(await refusal(folder)).toMatch(/train.txt:2: "scene1" is listed twice/);
    put(list, "\n");
    expect(await refusal(folder)).toMatch(/train.txt: it is empty/);
  });
});

describe("YOLO", () => {
  const write = async (label: string, yaml?: string): Promise<string> => {
    const folder = fresh();
    await writeYolo(folder, PARTS);
    put(join(folder, "labels", "train", "scene3.txt"), label);
    if (yaml !== undefined) put(join(folder, "data.yaml"), yaml);
    return folder;
  };

  test("reads polygons as the boxes around them, and repeated lines once", async () => {
    const line = "2 0.1 0.2 0.5 0.25 0.3 0.6\n";
    const { dataSet, lines } = await load(await write(line + line));
    const scene3 = dataSet.train.paths?.findIndex((path) => path.endsWith("scene3.jpg")) as number;
    const [box, ...others] = dataSet.train.boxes?.[scene3] ?? [];
    expect(others).toEqual([]);
    expect(box?.left).toBeCloseTo(0.1 * SIDE, 9);
    expect(box?.width).toBeCloseTo(0.4 * SIDE, 9);
    expect(box?.height).toBeCloseTo(0.4 * SIDE, 9);
    expect(lines[0]).toContain("1 repeated lines in label files count once");
  });

  test("counts images without a label file as images without objects", async () => {
    const folder = await write("");
    rmSync(join(folder, "labels", "train", "scene2.txt"));
    const { dataSet, lines } = await load(folder);
    expect(dataSet.train.boxes?.flat()).toHaveLength(12 - 3 - 2);
    expect(lines[0]).toContain("1 of its images have no label file");
  });

  test("finds train/images with classes.txt, paths like ../train/images, and lists of images", async () => {
    const folder = fresh();
    await writeYolo(folder, PARTS);
    const copy = (other: string, place: (part: string, kind: string) => string): void => {
      for (const [part, all] of Object.entries(PARTS))
        for (const { file } of all) {
          const text = file.replace(/\..*/, ".txt");
          put(
            join(other, place(part, "images"), file),
            readFileSync(join(folder, "images", part, file)),
          );
          put(
            join(other, place(part, "labels"), text),
            readFileSync(join(folder, "labels", part, text)),
          );
        }
    };
    const [other, dotted, listed] = [fresh(), fresh(), fresh()];
    copy(other, (part, kind) => `${part}/${kind}`);
    put(join(other, "classes.txt"), `${CLASS_NAMES.join("\n")}\n`);
    copy(dotted, (part, kind) => `${part}/${kind}`);
    put(
      join(dotted, "data.yaml"),
      "train: ../train/images\nval: ../val/images\nnc: 3\nnames: {0: bus, 1: car, 2: tree}\n",
    );
    copy(listed, (_, kind) => kind);
    for (const [part, all] of Object.entries(PARTS))
      put(
        join(listed, `${part}.txt`),
        all
          .map(({ file }) => `./images/${file}`)
          .sort()
          .join("\n"),
      );
    put(
      join(listed, "data.yml"),
      "path: .\ntrain: train.txt\nval: val.txt\nnames:\n- bus\n- car\n- tree\n",
    );
    const [one, ...rest] = await Promise.all(
      [folder, other, dotted, listed].map((each) => load(each)),
    );
    for (const each of rest) {
      expect(each.dataSet.train.boxes).toEqual(one?.dataSet.train.boxes);
      expect(each.dataSet.info.classNames).toEqual([...CLASS_NAMES]);
    }
  });

  test.each<[string, string, RegExp]>([
    ["NaN", "0 0.5 nan 0.1 0.1", /scene3.txt:1: "nan" is not a number/],
    [
      "an unknown class",
      "0 0.5 0.5 0.1 0.1\n3 0.5 0.5 0.1 0.1",
      /scene3.txt:2: there is no class 3: the classes are 0 to 2/,
    ],
    ["a class that is a name", "car 0.5 0.5 0.1 0.1", /scene3.txt:1: the class is "car"/],
    ["pixels", "0 12 15 8 8", /scene3.txt:1: 12 is not a share of the image/],
    ["other columns", "0 0.5 0.5 0.1", /scene3.txt:1: it has 4 columns/],
    ["confidences", "0 0.5 0.5 0.1 0.1 0.9", /scene3.txt:1: it has 6 columns/],
    ["a box without area", "0 0.5 0.5 0 0.1", /scene3.txt:1: it has no area/],
  ])("refuses %s", async (_, label, message) => {
    expect(await refusal(await write(label))).toMatch(message);
  });

  test.each<[string, string, RegExp]>([
    ["damaged YAML", "train: [images\nnames: [a]\n", /data.yaml:\d+: it is not YAML/],
    [
      "an alias",
      "train: &a images/train\nval: *a\nnames: [bus, car, tree]\n",
      /data.yaml: .*alias/i,
    ],
    [
      "too few names",
      "train: images/train\nnc: 4\nnames: [bus, car, tree]\n",
      /nc is 4, but names has 3 classes/,
    ],
    [
      "a class that is named twice",
      "train: images/train\nnames: [car, car]\n",
      /the class car is named twice/,
    ],
    [
      "numbers with a gap",
      "train: images/train\nnames: {0: bus, 2: car}\n",
      /none with the number 1/,
    ],
    ["names of another kind", "train: images/train\nnames: 3\n", /data.yaml: names/],
  ])("refuses %s", async (_, yaml, message) => {
    expect(await refusal(await write("", yaml))).toMatch(message);
  });

  test("refuses images without any labels", async () => {
    const folder = fresh();
    await writeYolo(folder, PARTS);
    rmSync(join(folder, "labels", "train"), { recursive: true });
    expect(await refusal(folder)).toMatch(/none of its images has a label file/);
  });
});

describe("the digest of the folder", () => {
  test("changes with a box and with an image", async () => {
    const folder = fresh();
    await writeYolo(folder, PARTS);
    const digest = () =>
      dataSetDigest({ name: "boxes", directory: folder, parts: "train and test" });
    const first = await digest();
    expect(await digest()).toBe(first);
    put(join(folder, "labels", "val", "scene20.txt"), "0 0.5 0.5 0.2 0.2\n");
    const second = await digest();
    expect(second).not.toBe(first);
    put(join(folder, "images", "val", "scene20.png"), "not an image");
    expect(await digest()).not.toBe(second);
  });
});
