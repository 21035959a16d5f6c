import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { noexecMount } from "../../src/files/noexec-mount.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "qprune-mounts-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Mounts as Linux lists them; the number of optional fields before the dash differs. */
const mounts = (...points: readonly (readonly [point: string, options: string])[]): string =>
  points
    .map(
      ([point, options], at) =>
        `${at + 20} 1 8:1 / ${point.replaceAll(" ", "\\040")} ${options}${at % 2 ? " shared:1" : ""} - ext4 /dev/sda1 rw\n`,
    )
    .join("");

const ROOT = ["/", "rw,relatime"] as const;

test("a folder on a disk mounted noexec is recognized, even before it exists", () => {
  const list = mounts(ROOT, [folder, "rw,nosuid,noexec"]);
  expect(noexecMount(folder, list)).toBe(folder);
  expect(noexecMount(join(folder, "to", "be", "made"), list)).toBe(folder);
});

test("the mount nearest to the folder counts, and the later of two at the same path", () => {
  const inner = join(folder, "in ner");
  mkdirSync(inner);
  const outerOnly = mounts(ROOT, [folder, "rw,noexec"], [inner, "rw"]);
  expect(noexecMount(inner, outerOnly)).toBeUndefined();
  expect(noexecMount(inner, mounts([folder, "rw"], [inner, "noexec"], ROOT))).toBe(inner);
  expect(noexecMount(folder, mounts(ROOT, [folder, "noexec"], [folder, "rw"]))).toBeUndefined();
  expect(noexecMount(folder, mounts(["/", "noexec"]))).toBe("/");
});

test("a link is resolved to its folder", () => {
  const link = join(folder, "link");
  mkdirSync(join(folder, "real"));
  symlinkSync("real", link);
  expect(noexecMount(link, mounts(ROOT, [join(folder, "real"), "noexec"]))).toBe(
    join(folder, "real"),
  );
});

test("a common prefix of names is not a mount, and neither is a missing list", () => {
  expect(noexecMount(folder, mounts(ROOT, [folder.slice(0, -1), "noexec"]))).toBeUndefined();
  expect(noexecMount(folder, "")).toBeUndefined();
});
