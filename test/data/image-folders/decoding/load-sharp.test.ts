import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { loadSharp } from "../../../../src/data/image-folders/decoding/load-sharp.js";

const project = fileURLToPath(new URL("../../../..", import.meta.url));

test("if the decoder is not installed, the error explains how to install it", async () => {
  const missing = loadSharp(() => import("no-such-package-as-this" as string));
  await expect(missing).rejects.toThrow(
    "The package sharp, which decodes images, is not installed.",
  );
  await expect(missing).rejects.toMatchObject({
    hint: "Install it next to qprune: npm install sharp",
  });
});

test("if it does not run on the machine, the error gives the reason in one line", async () => {
  const broken = loadSharp(() => Promise.reject(new Error("Could not load it\nand so on")));
  await expect(broken).rejects.toThrow(/cannot be loaded: Could not load it\.$/);
});

test("it is not loaded before an image is decoded", async () => {
  const script = `
    import { createRequire } from "node:module";
    await import("./dist/index.js");
    await import("./dist/data/image-folders/load-image-folders.js");
    const { cache } = createRequire(import.meta.url);
    const binaries = () => Object.keys(cache).filter((path) => /sharp.*\\.node$/.test(path)).length;
    const before = binaries();
    await import("sharp");
    console.log(before, binaries());
  `;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: project,
  });
  expect((await run).stdout.trim()).toBe("0 1");
});
