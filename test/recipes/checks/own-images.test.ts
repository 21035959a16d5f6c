import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createDataDigests } from "../../../src/recipes/running/stage-parts.js";
import { stageData } from "../../../src/recipes/stages/stage-data.js";
import { drawClasses, imagesFolder } from "../../data/image-folders/draw-images.js";
import { recipeOf } from "../recipe-text.js";

const folder = imagesFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("image folders are detected as by the commands, and changed images change the digest", async () => {
  await drawClasses(join(folder, "train"), 2);
  await drawClasses(join(folder, "val"), 1);
  const recipe = await recipeOf(
    `stages: {a: {kind: train, data: ${JSON.stringify(folder)}}, b: {kind: prune, model: a}}`,
  );
  const [train, prune] = recipe.stages;
  if (!train || !prune) throw new Error("two stages");
  expect(await stageData(train, recipe)).toMatchObject({ name: "images", directory: folder });
  expect(await stageData(prune, recipe)).toMatchObject({ name: "images", isNeeded: false });
  const before = await createDataDigests()(recipe, train);
  expect(await createDataDigests()(recipe, train)).toBe(before);
  utimesSync(join(folder, "train", "apple"), 1, 1);
  expect(await createDataDigests()(recipe, train)).toBe(before);
  await drawClasses(join(folder, "train"), 3);
  expect(await createDataDigests()(recipe, train)).not.toBe(before);
});
