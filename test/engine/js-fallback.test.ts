import { afterEach, expect, test, vi } from "vitest";
import type { QpruneError } from "../../src/base/errors.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { tf } from "../../src/tensor/tf.js";
import { temporaryMachine } from "./setup/temporary-machine.js";

afterEach(() => vi.restoreAllMocks());

test("without a compiler the JavaScript engine is used, with a notice in one line", async () => {
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

test("a caller can receive the error instead of the notice", async () => {
  const lines: string[] = [];
  const errors: QpruneError[] = [];
  const { machine } = temporaryMachine();
  const notify = (line: string): void => void lines.push(line);
  await loadEngine({ engine: "auto", machine, notify, onFallback: (error) => errors.push(error) });
  expect(errors[0]?.message).toContain("needs a C++ compiler");
  expect(lines).toEqual([]);
});

test("a requested native engine is never replaced", async () => {
  const { machine } = temporaryMachine();
  const attempt = loadEngine({ engine: "native", machine, notify: () => {} });
  await expect(attempt).rejects.toThrow("needs a C++ compiler");
});
