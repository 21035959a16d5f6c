import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import {
  writeFailure,
  writeFileAtomically,
} from "../../src/files/writing/write-file-atomically.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("writeFileAtomically", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "qprune-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("writes consecutive chunks and leaves no other file", async () => {
    const path = join(folder, "model");
    await writeFileAtomically(path, [bytes("one "), bytes(""), bytes("two")]);
    expect(await readFile(path, "utf8")).toBe("one two");
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("replaces a longer file completely", async () => {
    const path = join(folder, "model");
    await writeFile(path, "something longer");
    await writeFileAtomically(path, [bytes("new")]);
    expect(await readFile(path, "utf8")).toBe("new");
  });

  it("follows a link to its file", async () => {
    await writeFile(join(folder, "real"), "old");
    await symlink("real", join(folder, "link"));
    await writeFileAtomically(join(folder, "link"), [bytes("new")]);
    expect(await readlink(join(folder, "link"))).toBe("real");
    expect(await readFile(join(folder, "real"), "utf8")).toBe("new");
  });

  it("leaves only the old file if writing fails halfway", async () => {
    const path = join(folder, "model");
    await writeFile(path, "old");
    const failing = function* () {
      yield bytes("half");
      throw new Error("interrupted");
    };
    await expect(writeFileAtomically(path, failing())).rejects.toThrow("interrupted");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("lets concurrent writers of a file finish, leaving the complete content of one", async () => {
    const path = join(folder, "model");
    const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
    await Promise.all(texts.map((text) => writeFileAtomically(path, [bytes(text)])));
    expect(texts).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("reports a missing folder", async () => {
    const failure = writeFileAtomically(join(folder, "none", "model"), [bytes("x")]);
    await expect(failure).rejects.toThrow(/none\/model: its folder does not exist/);
    await expect(failure).rejects.toBeInstanceOf(QpruneError);
  });

  it("reports that a part of the path is a file", async () => {
    await writeFile(join(folder, "file"), "");
    const failure = writeFileAtomically(join(folder, "file", "model"), [bytes("x")]);
    await expect(failure).rejects.toThrow(/a part of its path is a file/);
  });

  it("reports that a name is too long, and leaves no file", async () => {
    const failure = writeFileAtomically(join(folder, "x".repeat(256)), [bytes("x")]);
    await expect(failure).rejects.toThrow(/x: its name is too long/);
    await expect(failure).rejects.toHaveProperty("hint", "Choose a shorter file name.");
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses to replace a folder or a device", async () => {
    await mkdir(join(folder, "model"));
    await expect(writeFileAtomically(join(folder, "model"), [])).rejects.toThrow(
      /a folder of that/,
    );
    await expect(writeFileAtomically("/dev/null", [])).rejects.toThrow(/not a regular file/);
    expect(await readdir(folder)).toEqual(["model"]);
  });
});

describe("writeFailure", () => {
  it.each([
    ["ENOSPC", /disk is full/],
    ["EDQUOT", /quota/],
    ["EACCES", /permission/],
    ["EROFS", /read-only/],
    ["ENOENT", /folder does not exist/],
    ["ENAMETOOLONG", /its name is too long/],
    ["EIO", /i\/o error/],
  ])("explains %s and has a hint", (code, reason) => {
    const failure = writeFailure(
      "out/model",
      Object.assign(new Error("i/o error"), { code, syscall: "write" }),
    );
    expect(failure).toBeInstanceOf(QpruneError);
    expect((failure as QpruneError).message).toMatch(/^Cannot write out\/model: /);
    expect((failure as QpruneError).message).toMatch(reason);
    expect((failure as QpruneError).hint).toBeDefined();
  });

  it("returns other errors unchanged", () => {
    const error = new TypeError("a mistake in the program");
    expect(writeFailure("out/model", error)).toBe(error);
  });
});
