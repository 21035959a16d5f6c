import { expect, test } from "vitest";
import { trainingFiles } from "../../../src/recipes/checks/check-outputs.js";
import { historyPathOf } from "../../../src/workflows/history/history-path.js";

test.each(["nin.safetensors", "nin.pth", "nin.v2.pt", "nin.state.pth"])(
  "the files expected next to %s have the names that training gives them",
  (model) => expect(trainingFiles(model)[1]).toBe(historyPathOf(model)),
);

test("a model has the same state and history files in both formats", () => {
  expect(trainingFiles("nin.pth")).toEqual(["nin.state.safetensors", "nin.history.json"]);
  expect(trainingFiles("nin.safetensors")).toEqual(trainingFiles("nin.pth"));
});
