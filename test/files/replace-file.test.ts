import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { copyFile, open, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linkTarget } from "../../src/files/writing/link-target.js";
import { moveOver } from "../../src/files/writing/move-over.js";
import { putInPlace } from "../../src/files/writing/put-in-place.js";
import { writeFileAtomically } from "../../src/files/writing/write-file-atomically.js";

vi.mock("node:fs/promises", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs/promises")>();
  return {
    ...fs,
    rename: vi.fn(fs.rename),
    copyFile: vi.fn(fs.copyFile),
    open: vi.fn(fs.open),
  };
});

const real = {
  rename: vi.mocked(rename).getMockImplementation() ?? rename,
  copyFile: vi.mocked(copyFile).getMockImplementation() ?? copyFile,
  open: vi.mocked(open).getMockImplementation() ?? open,
};

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "qprune-replace-")));
});
afterEach(() => {
  vi.mocked(rename).mockImplementation(real.rename);
  vi.mocked(copyFile).mockImplementation(real.copyFile);
  vi.mocked(open).mockImplementation(real.open);
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const put = (name: string, text: string, mode = 0o644): string => {
  writeFileSync(at(name), text);
  chmodSync(at(name), mode);
  return at(name);
};
const write = (path: string, text = "new"): Promise<void> =>
  writeFileAtomically(path, [new TextEncoder().encode(text)]);
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const failure = (code: string) => Object.assign(new Error(code), { code, syscall: "test" });

describe("a file that is replaced", () => {
  test.each([0o600, 0o640, 0o666, 0o664, 0o755, 0o400])("keeps its mode %o", async (mode) => {
    const path = put("model", "old", mode);
    await write(path);
    expect(modeOf(path)).toBe(mode.toString(8));
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  test.each([".previous", ".interrupted"])(
    "has the mode of the old one that was kept as %s",
    async (suffix) => {
      put(`model${suffix}`, "old", 0o600);
      await write(at("model"));
      expect(modeOf(at("model"))).toBe("600");
    },
  );

  test("has the mode of the one that was kept last", async () => {
    put("model.previous", "older", 0o666);
    await new Promise((resolve) => setTimeout(resolve, 20));
    put("model.interrupted", "old", 0o600);
    // Renaming does not change the time of the last modification.
    utimesSync(at("model.interrupted"), 1, 1);
    await write(at("model"));
    expect(modeOf(at("model"))).toBe("600");
  });

  test.skipIf(process.getuid?.() !== 0)("keeps owner and group (needs root)", async () => {
    const path = put("model", "old", 0o640);
    chownSync(path, 12345, 23456);
    await write(path);
    expect(statSync(path)).toMatchObject({ uid: 12345, gid: 23456 });
    expect(modeOf(path)).toBe("640");
  });

  test("is written even if the disk supports no modes, owners or flushing", async () => {
    vi.mocked(open).mockImplementation(async (...args) => {
      const handle = await real.open(...args);
      for (const name of ["chmod", "chown"] as const)
        vi.spyOn(handle, name).mockRejectedValue(failure("EPERM"));
      vi.spyOn(handle, "sync").mockRejectedValue(failure("ENOSYS"));
      return handle;
    });
    await write(put("model", "old", 0o600));
    expect(readFileSync(at("model"), "utf8")).toBe("new");
  });

  test("is refused if flushing fails for another reason, and stays unchanged", async () => {
    vi.mocked(open).mockImplementation(async (...args) => {
      const handle = await real.open(...args);
      vi.spyOn(handle, "sync").mockRejectedValue(failure("EIO"));
      return handle;
    });
    await expect(write(put("model", "old"))).rejects.toThrow("Cannot write");
    expect(readFileSync(at("model"), "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  test("keeps its mode in an export too, and so does a folder", async () => {
    const path = put("packed", "old", 0o600);
    await putInPlace(path, async (temporary) => writeFileSync(temporary, "new"));
    expect(modeOf(path)).toBe("600");
    mkdirSync(at("model"));
    chmodSync(at("model"), 0o700);
    await putInPlace(at("model"), async (temporary) => mkdirSync(temporary));
    expect(modeOf(at("model"))).toBe("700");
    expect(readdirSync(folder).sort()).toEqual(["model", "packed"]);
  });
});

describe("a link", () => {
  test("stays, whether its file exists or will be created in another folder", async () => {
    mkdirSync(at("big"));
    symlinkSync("big/model", at("link"));
    symlinkSync("link", at("link-to-link"));
    for (const text of ["first", "second"]) {
      await write(at("link-to-link"), text);
      expect(readlinkSync(at("link-to-link"))).toBe("link");
      expect(readlinkSync(at("link"))).toBe("big/model");
      expect(readFileSync(at("big/model"), "utf8")).toBe(text);
    }
  });

  test("with a relative target is resolved in its real folder", async () => {
    mkdirSync(at("a"));
    mkdirSync(at("a/b"));
    symlinkSync("../target", at("a/b/link"));
    symlinkSync("a/b", at("short"));
    expect(await linkTarget(at("short/link"))).toBe(at("a/target"));
  });

  test("that is circular is returned unchanged", async () => {
    symlinkSync("loop", at("loop"));
    expect(await linkTarget(at("loop"))).toBe(at("loop"));
  });

  test("stays after an export too", async () => {
    symlinkSync("packed", at("link"));
    await putInPlace(at("link"), async (temporary) => writeFileSync(temporary, "new"));
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(at("packed"), "utf8")).toBe("new");
  });
});

/** A disk that does not rename over existing files. */
const refuseToReplace = (code: string): void => {
  vi.mocked(rename).mockImplementation(async (from, to) => {
    if (existsSync(to)) throw failure(code);
    await real.rename(from, to);
  });
};

describe("if a file cannot be renamed over another one", () => {
  test.each(["EEXIST", "EPERM", "EACCES", "EINVAL"])(
    "the old one is moved away first (%s)",
    async (code) => {
      put("model", "old", 0o600);
      refuseToReplace(code);
      await write(at("model"));
      expect(readFileSync(at("model"), "utf8")).toBe("new");
      expect(modeOf(at("model"))).toBe("600");
      expect(readdirSync(folder)).toEqual(["model"]);
    },
  );

  test.each(["EBUSY", "EXDEV", "ENOSYS"])("it is copied (%s)", async (code) => {
    put("model", "old");
    vi.mocked(rename).mockRejectedValue(failure(code));
    await write(at("model"));
    expect(readFileSync(at("model"), "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  test("a mount point that cannot be overwritten keeps the new content in a temporary file", async () => {
    put("model", "old");
    vi.mocked(rename).mockRejectedValue(failure("EBUSY"));
    vi.mocked(copyFile).mockRejectedValue(failure("ENOSPC"));
    const refusal = await write(at("model")).catch((error) => error);
    const kept = readdirSync(folder).find((name) => name.endsWith(".tmp")) as string;
    expect(refusal.hint).toContain(at(kept));
    expect(readFileSync(at(kept), "utf8")).toBe("new");
  });

  test("a missing permission is reported as such, and nothing has changed", async () => {
    put("model", "old");
    vi.mocked(rename).mockRejectedValue(failure("EACCES"));
    await expect(write(at("model"))).rejects.toThrow("permission was denied");
    expect(readFileSync(at("model"), "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["model"]);
  });
});

test.each(["EBUSY", "EXDEV"])(
  "a file that cannot be moved is kept as a copy (%s)",
  async (code) => {
    put("model", "old", 0o600);
    vi.mocked(rename).mockRejectedValue(failure(code));
    await moveOver(at("model"), at("model.previous"));
    expect(readFileSync(at("model.previous"), "utf8")).toBe("old");
    expect(modeOf(at("model.previous"))).toBe("600");
  },
);

test("a folder at the path of a kept file stays", async () => {
  put("model", "old");
  mkdirSync(at("model.previous/full"), { recursive: true });
  await expect(moveOver(at("model"), at("model.previous"))).rejects.toThrow(
    /EISDIR|ENOTEMPTY|EEXIST/,
  );
  expect(existsSync(at("model.previous/full"))).toBe(true);
  expect(readFileSync(at("model"), "utf8")).toBe("old");
});

test("moving a missing file does not change its target", async () => {
  put("model.previous", "older");
  const before = statSync(at("model.previous")).ctimeMs;
  await expect(moveOver(at("model"), at("model.previous"))).rejects.toThrow("ENOENT");
  expect(statSync(at("model.previous")).ctimeMs).toBe(before);
});
