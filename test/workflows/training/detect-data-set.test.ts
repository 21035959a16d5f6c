import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { ownImagesIn } from "../../../src/workflows/training/checks/detect-data-set.js";
import { scenes, writeCoco, writeVoc, writeYolo } from "../../data/annotated/write-annotated.js";
import { drawClasses, imagesFolder, put } from "../../data/image-folders/draw-images.js";

const roots: string[] = [];
const fresh = (): string => {
  const folder = imagesFolder();
  roots.push(folder);
  return folder;
};
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

test("folders with annotated boxes and class folders are recognized", async () => {
  for (const write of [writeCoco, writeVoc, writeYolo]) {
    const folder = fresh();
    await write(folder, { train: scenes(2), val: scenes(2, 20) });
    expect(await ownImagesIn(folder)).toBe("boxes");
  }
  const classes = fresh();
  await drawClasses(`${classes}/train`, 1);
  await drawClasses(`${classes}/val`, 1);
  put(`${classes}/train.json`, '{"epochs": 3}');
  put(`${classes}/settings.yaml`, "names: [apple]\n");
  expect(await ownImagesIn(classes)).toBe("images");
  expect(await ownImagesIn(fresh())).toBeUndefined();
});
