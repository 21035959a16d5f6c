import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { randomUnit } from "../../../src/base/random.js";
import { createBoxCollector } from "../../../src/data/annotated/box-tally.js";
import { readCoco } from "../../../src/data/annotated/coco/read-coco.js";
import { parseVoc } from "../../../src/data/annotated/voc/parse-voc.js";
import { readYoloLabels } from "../../../src/data/annotated/yolo/read-yolo-labels.js";
import { readYoloConfig } from "../../../src/data/annotated/yolo/yolo-config.js";
import { put } from "../image-folders/draw-images.js";
import { cocoOf, scenes, vocOf, yoloOf } from "./write-annotated.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-annotations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(folder, "file");
  put(path, text);
  return path;
};

/** Either a result or a clear error. */
const isClear = async (read: () => unknown): Promise<void> => {
  try {
    await read();
  } catch (error) {
    expect(error).toBeInstanceOf(QpruneError);
    expect((error as QpruneError).hint).toBeTruthy();
  }
};

const DEPTH = 200_000;

test("deep nesting is refused or ignored, and never overflows the stack", async () => {
  const xml = `<annotation>${"<a>".repeat(DEPTH)}${"</a>".repeat(DEPTH)}</annotation>`;
  await isClear(() => parseVoc(xml, "deep.xml"));
  const yaml = `names: ${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}`;
  await isClear(() => readYoloConfig(file(yaml)));
  const json = `{"images": ${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}}`;
  await isClear(() => readCoco(file(json)));
});

test("a polygon may have a million corners", async () => {
  const line = `0${" 0.25 0.5".repeat(500_000)} 0.75 0.9\n`;
  const { objects } = await readYoloLabels(file(line), 1, createBoxCollector());
  expect(objects).toHaveLength(1);
  expect(objects[0]?.width).toBeCloseTo(0.5, 9);
});

test("names of object properties are classes like others", async () => {
  const xml = vocOf({ ...scenes(1, 1)[0], objects: [] } as never).replace(
    "</annotation>",
    "<object><name>constructor</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>",
  );
  expect(parseVoc(xml, "own.xml").objects[0]?.name).toBe("constructor");
  await isClear(() => parseVoc(xml.replace(/bndbox>/g, "__proto__>"), "proto.xml"));
});

test("no file with changed bytes does anything but read or fail with a hint", async () => {
  const [scene] = scenes(1, 3);
  const all = scenes(4);
  const texts: readonly [string, (text: string) => unknown][] = [
    [JSON.stringify(cocoOf(all)), (text) => readCoco(file(text))],
    [vocOf(scene as never), (text) => parseVoc(text, "file.xml")],
    [yoloOf(scene as never), (text) => readYoloLabels(file(text), 3, createBoxCollector())],
    [
      "path: .\ntrain: images/train\nval: images/val\nnc: 3\nnames: {0: bus, 1: car, 2: tree}\n",
      (text) => readYoloConfig(file(text)),
    ],
  ];
  const characters = '{}[]<>",:&*!|-0199eE.\\/\0 \n\tnNaé';
  for (const [kind, [text, read]] of texts.entries())
    for (let round = 0; round < 150; round++) {
      const unit = (what: number): number => randomUnit(7, kind, round, what);
      const at = Math.floor(unit(0) * text.length);
      const cut = Math.floor(unit(1) * 5);
      const put = characters[Math.floor(unit(2) * characters.length)] as string;
      const isTruncated = unit(3) < 0.2;
      await isClear(() =>
        read(isTruncated ? text.slice(0, at) : text.slice(0, at) + put + text.slice(at + cut)),
      );
    }
});
