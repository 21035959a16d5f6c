import { expect, test } from "vitest";
import { trainingFiles } from "../../../src/recipes/running/training-files.js";
import { historyPathOf } from "../../../src/workflows/outputs/history-path.js";

test.each(["nin.safetensors", "nin.pth", "nin.v2.pt", "nin.state.pth"])(
  "what a training writes beside %s has the names that the training gives",
  (model) => expect(trainingFiles(model)[1]).toBe(historyPathOf(model)),
);

test("of two formats of one name, the state and the history are the same", () => {
  expect(trainingFiles("nin.pth")).toEqual(["nin.state.safetensors", "nin.history.json"]);
  expect(trainingFiles("nin.safetensors")).toEqual(trainingFiles("nin.pth"));
});
