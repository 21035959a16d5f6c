import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visibleOutput } from "../../src/cli/texts/visible-output.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { readSafetensors } from "../../src/formats/safetensors/read-safetensors.js";
import { encodePng } from "../../src/report/charts/encode-png.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-strange-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

/** Class names that color, title, turn around, break lines and write HTML. */
const STRANGE = [
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007",
  "\u202egnp.exe",
  "line\nbreak\r",
  "\u009b31m",
  `<script>alert(1)</script>`,
  `"><img src=x onerror='alert(1)'>&`,
  "\u2066isolated",
  "\u200bwide",
  "plain",
];
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const withoutLines = (text: string): string => text.replaceAll(/[\n\t]/g, "");

beforeAll(async () => {
  const save = at("plain.safetensors");
  const data = ["--dataset", "digits", "--train-limit", "50", "--test-limit", "50"];
  const net = ["--arch", "nin", "--width", "0.125", "--max-steps", "0"];
  await qprune(["wqaq", ...data, ...net, "--save", save, "--quiet"]);
  const { tensors, metadata } = await readSafetensors(save);
  const dataSet = { ...JSON.parse(metadata.dataSet ?? ""), classNames: STRANGE };
  const strange = { ...metadata, dataSet: JSON.stringify(dataSet) };
  writeFileSync(at("strange.safetensors"), Buffer.concat(encodeSafetensors(tensors, strange)));
});

describe("class names from an untrusted file", () => {
  test("are printed by predict with control characters escaped", async () => {
    const name = at("gray.png");
    writeFileSync(name, encodePng(new Uint8Array(32 * 32 * 3), 32, 32));
    const argv = ["predict", at("strange.safetensors"), name, "--top", "10"];
    const { code, stdout } = await qprune(argv);
    expect(code).toBe(0);
    expect(withoutLines(stdout)).not.toMatch(UNSEEN);
    expect(stdout).toContain(String.raw`\x1b[31mred\x1b[0m`);
    expect(stdout).toContain(String.raw`line\nbreak\r`);
    const json = await qprune([...argv, "--json"]);
    expect(withoutLines(json.stdout)).not.toMatch(UNSEEN);
    const classes = JSON.parse(json.stdout).predictions.map(
      (each: { class: string }) => each.class,
    );
    expect(classes.toSorted()).toEqual(STRANGE.toSorted());
  });

  test("are printed by training, in errors and as JSON in the same way", async () => {
    const data = ["--dataset", "cifar10", "--data", at("none")];
    for (const json of [[], ["--json"]]) {
      const argv = ["wqaq", "--refine", at("strange.safetensors"), ...data, ...json];
      const { stdout, stderr } = await qprune(argv);
      expect(withoutLines(stdout + stderr)).not.toMatch(UNSEEN);
    }
  });

  test("are escaped by compare and its page", async () => {
    const page = at("page.html");
    const files = [at("strange.safetensors"), at("strange.safetensors")];
    const test = ["--dataset", "digits", "--test-limit", "50"];
    const { stdout, stderr } = await qprune(["compare", ...files, ...test, "--html", page]);
    expect(withoutLines(stdout + stderr)).not.toMatch(UNSEEN);
    const html = readFileSync(page, "utf8");
    expect(withoutLines(html)).not.toMatch(UNSEEN);
    expect(html).not.toMatch(/<script>alert|<img src=x/);
  });
});

test("only styles reach the terminal", () => {
  const written: string[] = [];
  const output = visibleOutput({ write: (text) => written.push(text), isTTY: true, columns: 80 });
  output.write("\u001b[1mbold\u001b[22m\n\u001b]0;x\u0007\u001b[2J\u202e\tend");
  expect(written.join("")).toBe("\u001b[1mbold\u001b[22m\n\\x1b]0;x\\x07\\x1b[2J\\u202e\tend");
});
