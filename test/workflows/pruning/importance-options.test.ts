import { expect, test } from "vitest";
import {
  type GraphArchitectureName,
  graphArchitectures,
} from "../../../src/models/architectures/graph-architectures.js";
import { importanceOptions } from "../../../src/workflows/pruning/plan-pruning.js";

const build = (name: GraphArchitectureName) =>
  graphArchitectures[name].build({
    classes: 10,
    image: { height: 64, width: 64, channels: 3 },
    width: 0.25,
  });
const classifier = build("resnet20");
const detector = build("detector_resnet20");

test("importances are divided by the mean of their layer where scales of layers differ, or as asked", () => {
  const isRelative = (importance: "gamma" | "l1" | "taylor", graph = classifier, given?: boolean) =>
    importanceOptions({ importance, seed: 1, normalize: given }, graph, new Map()).isRelative;
  expect(isRelative("gamma")).toBe(false);
  expect(isRelative("l1")).toBe(true);
  expect(isRelative("taylor")).toBe(false);
  expect(isRelative("taylor", detector)).toBe(true);
  expect(isRelative("gamma", detector)).toBe(false);
  expect(isRelative("taylor", detector, false)).toBe(false);
  expect(isRelative("taylor", classifier, true)).toBe(true);
});
