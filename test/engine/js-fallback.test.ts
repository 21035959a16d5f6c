import { afterEach, expect, test, vi } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { tf } from "../../src/tensor/tf.js";
import { temporaryMachine } from "./setup/temporary-machine.js";

afterEach(() => vi.restoreAllMocks());

test("without a compiler the JavaScript engine takes over with a notice of one line", async () => {
  const warn = vi.spyOn(console, "warn");
  const lines: string[] = [];
  const { machine } = temporaryMachine();
  const notify = (line: string): void => void lines.push(line);
  const info = await loadEngine({ engine: "auto", machine, notify });
  expect(info).toEqual({ kind: "js" });
  expect(tf.getBackend()).toBe("cpu");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^Using the slower JavaScript engine: .*C\+\+ compiler.*apt-get install g\+\+/,
  );
  expect(lines[0]).not.toContain("\n");
  expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3);
  expect(warn).not.toHaveBeenCalled();
});

test("a native engine that was asked for is not replaced", async () => {
  const { machine } = temporaryMachine();
  const attempt = loadEngine({ engine: "native", machine, notify: () => {} });
  await expect(attempt).rejects.toThrow("needs a C++ compiler");
});
