import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { findTfjsNode } from "../../src/engine/setup/compile/find-tfjs-node.js";
import { TFJS_VERSION } from "../../src/engine/setup/versions.js";
import { tf } from "../../src/tensor/tf.js";

const product = (): number[] =>
  tf.tidy(() => [...tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync()]);

describe("the native engine", () => {
  beforeAll(async () => {
    await loadEngine({ engine: "native", notify: () => {} });
  });

  test("computes on TensorFlow", async () => {
    const info = await loadEngine({ engine: "native", notify: () => {} });
    expect(info).toMatchObject({ kind: "native", tensorflowVersion: "2.18.1" });
    expect(tf.getBackend()).toBe("tensorflow");
    expect(product()).toEqual([3, 3, 3, 3]);
  });

  test("can be replaced by the JavaScript one and loaded again", async () => {
    await loadEngine({ engine: "js", notify: () => {} });
    expect(tf.getBackend()).toBe("cpu");
    expect(product()).toEqual([3, 3, 3, 3]);
    await loadEngine({ engine: "auto", notify: () => {} });
    expect(tf.getBackend()).toBe("tensorflow");
  });

  test("shares one copy of tfjs-core, in one version, with the project", () => {
    const own = createRequire(import.meta.url);
    const folder = findTfjsNode("/nowhere");
    const theirs = createRequire(`${folder}/package.json`);
    const core = "@tensorflow/tfjs-core/package.json";
    expect(theirs.resolve(core)).toBe(own.resolve(core));
    for (const name of [core, "@tensorflow/tfjs-backend-cpu/package.json"]) {
      const { version } = JSON.parse(readFileSync(own.resolve(name), "utf8")) as {
        version: string;
      };
      expect(version).toBe(TFJS_VERSION);
    }
    expect(tf.version_core).toBe(TFJS_VERSION);
  });
});
