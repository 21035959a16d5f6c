import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { netFileOf, shippedNetNames } from "../../../src/workflows/nets/shipped-net.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-shipped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "cifar10-small-w2a2.safetensors"), "");
writeFileSync(join(folder, "README.md"), "");

test("a net that ships is found by its bare name", async () => {
  expect(await shippedNetNames(folder)).toEqual(["cifar10-small-w2a2"]);
  expect(await netFileOf("cifar10-small-w2a2", folder)).toBe(
    join(folder, "cifar10-small-w2a2.safetensors"),
  );
});

test.each([
  "cifar10-other",
  "./cifar10-small-w2a2",
  "cifar10-small-w2a2.safetensors",
  "package.json",
  "src",
])("%s is not one", async (asked) => {
  expect(await netFileOf(asked, folder)).toBe(asked);
});

test("a folder that does not exist has no nets", async () => {
  expect(await shippedNetNames(join(folder, "missing"))).toEqual([]);
});
