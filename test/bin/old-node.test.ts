import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-node-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program of the package on a Node.js that gives itself out as `version` and lists the files it loads. */
const runAs = (version: string, ...args: string[]) => {
  const disguise = join(folder, "disguise.cjs");
  writeFileSync(
    disguise,
    `const versions = { ...process.versions, node: ${JSON.stringify(version)} };
Object.defineProperty(process, "versions", { value: versions });
process.on("exit", () => process.stdout.write(Object.keys(require.cache).join("\\n")));`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", disguise, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  const loaded = stdout.split("\n").filter((line) => line.startsWith(root));
  return { status, stderr, loaded: loaded.map((path) => path.slice(root.length)) };
};

test.each(["12.22.12", "18.20.8", "19.9.0"])(
  "Node.js %s is refused in one line, before anything else is loaded",
  (version) => {
    const { status, stderr, loaded } = runAs(version, "bin/qprune.js", "wqaq", "--help");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: qprune needs Node\.js 20 or later; this is [\d.]+ .*\n$/);
    expect(stderr).toContain(version);
    expect(loaded).toEqual(["bin/qprune.js", "bin/check-node.js"]);
  },
);

test("the scripts that prepare a clone refuse an old Node.js too", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const name of ["quickstart", "test", "bench", "docs"]) {
    const [program, ...args] = scripts[name].split(" ");
    expect(program).toBe("node");
    const { status, stderr } = runAs("18.20.8", ...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: qprune needs Node\.js 20 or later; .*\n$/);
  }
});

test("the oldest version is that of package.json, and is not refused", () => {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(engines.node).toBe(">=20");
  expect(runAs("20.0.0", "bin/check-node.js")).toMatchObject({ status: 0, stderr: "" });
});
