import { expect, test, vi } from "vitest";
import { createTestProgress } from "../../../src/cli/comparing/test-progress.js";

const bars: { readonly format: string; readonly calls: (string | number)[] }[] = [];
vi.mock("cli-progress", () => ({
  SingleBar: class {
    readonly calls: (string | number)[] = [];
    constructor({ format }: { format: string }) {
      bars.push({ format, calls: this.calls });
    }
    start(total: number, value: number): void {
      this.calls.push("start", total, value);
    }
    update(value: number): void {
      this.calls.push(value);
    }
    stop(): void {
      this.calls.push("stop");
    }
  },
}));

const show = (isTTY: { stdout: boolean; stderr: boolean }, json: boolean): void => {
  bars.length = 0;
  const written: string[] = [];
  const output = (name: "stdout" | "stderr") => ({
    write: (text: string) => written.push(text),
    isTTY: isTTY[name],
    columns: 80,
  });
  const outputs = { stdout: output("stdout"), stderr: output("stderr") };
  const progress = createTestProgress(outputs, json);
  for (const imagesSeen of [10, 20]) progress.testing({ nets: 3, imagesSeen, images: 20 });
  progress.close();
  expect(written).toEqual([]);
};

test("a terminal shows the progress of testing", () => {
  show({ stdout: true, stderr: true }, false);
  expect(bars).toHaveLength(1);
  expect(bars[0]?.format).toMatch(/^Testing 3 nets .*images$/);
  expect(bars[0]?.calls).toEqual(["start", 20, 0, 10, 20, "stop"]);
});

test.each([
  ["where stdout is no terminal", { stdout: false, stderr: true }, false],
  ["where stderr is no terminal", { stdout: true, stderr: false }, false],
  ["with --json", { stdout: true, stderr: true }, true],
])("nothing is shown %s", (_, isTTY, json) => {
  show(isTTY, json);
  expect(bars).toEqual([]);
});
