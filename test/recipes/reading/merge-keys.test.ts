import { describe, expect, test } from "vitest";
import { recipeOf, refusalOf } from "../recipe-text.js";

const optionsOf = async (text: string) =>
  (await recipeOf(text)).stages.map(({ name, command, options }) => ({
    name,
    command,
    ...options,
  }));

describe("a merge key", () => {
  test("adds the kind and options of another stage, which the stage's own options override", async () => {
    const [first, second] = await optionsOf(
      "stages:\n  a: &a {kind: sparse, s: 0.001, lr: 0.5}\n  b: {<<: *a, lr: 0.25}\n",
    );
    expect(first).toMatchObject({ command: "prune", s: 0.001, lr: 0.5 });
    expect(second).toMatchObject({ command: "prune", s: 0.001, lr: 0.25 });
  });

  test("accepts a list, whose first map takes precedence, literal maps, and maps that merge others", async () => {
    const stages = await optionsOf(
      [
        "defaults: &d {epochs: 3}",
        "stages:",
        "  a: &a {kind: train, lr: 0.5, wd: 0.1}",
        "  b: &b {<<: *a, lr: 0.25}",
        "  c: {<<: [*b, {lr: 0.125, seed: 7}, *d]}",
      ].join("\n"),
    );
    expect(stages[2]).toMatchObject({ lr: 0.25, wd: 0.1, seed: 7, epochs: 3 });
  });

  test("works in stages:, in defaults: and at the top level", async () => {
    const [first] = await optionsOf(
      "<<: {about: x, defaults: {<<: {lr: 0.5}}}\nstages: {<<: {a: {kind: train}}}\n",
    );
    expect(first).toMatchObject({ name: "a", lr: 0.5 });
  });

  test("in quotes is an ordinary key", async () => {
    expect(await refusalOf('stages: {a: {kind: train, "<<": 1}}')).toContain("no option <<.");
  });

  test.each([
    ["a number", "<<: 3", "1:30: <<: found 3, expected an alias of a map, or a list of them."],
    ["nothing", "<<:", "<<: found nothing, expected an alias of a map"],
    ["a list of strings", "<<: [x]", "1:30: <<: found x, expected an alias of a map"],
    ["an alias without an anchor", "<<: *x", "1:26: no anchor &x precedes this alias."],
    ["a duplicate", "<<: {lr: 1}, <<: {wd: 1}", "1:39: duplicate key <<."],
  ])("with %s is refused", async (_, merge, message) => {
    expect(await refusalOf(`stages: {a: {kind: train,${merge}}}`)).toContain(message);
  });

  test("an invalid option that is merged in is reported where it was written", async () => {
    const text = "stages:\n  a: &a {kind: train, epoch: 3}\n  b: {<<: *a}\n";
    expect(await refusalOf(text)).toContain("recipe.yml:2:23: train stages have no");
  });

  test("a stage that merges no kind is refused", async () => {
    expect(await refusalOf("stages:\n  a: {<<: {lr: 1}}\n")).toContain("2:3: a has no kind.");
  });

  test("maps that merge themselves or each other many times are read once", async () => {
    expect(await refusalOf("stages: {a: &a {kind: train, <<: *a}}")).toBe("accepted");
    const lines = Array.from(
      { length: 24 },
      (_, at) => `  s${at + 1}: &s${at + 1} {<<: [*s${at}, *s${at}]}`,
    );
    const text = `stages:\n  s0: &s0 {kind: train}\n${lines.join("\n")}\n`;
    expect(await refusalOf(text)).toBe("accepted");
  });
});
