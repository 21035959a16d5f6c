import { describe, expect, test } from "vitest";
import { unwrappedNames } from "../../src/checkpoint/net-files/unwrapped-names.js";

describe("the names of a state dict without those of wrappers", () => {
  const names = (...all: string[]): string[] =>
    [...unwrappedNames(new Map(all.map((each) => [each, 0])))].map((each) =>
      [...each.keys()].join(" "),
    );

  test.each([
    [["module.a.x", "module.b.x"], "a.x b.x"],
    [["_orig_mod.a.x", "_orig_mod.b.x"], "a.x b.x"],
    [["model.a.x", "model.b.x"], "a.x b.x"],
    [["net.model.a.x", "net.model.b.x"], "a.x b.x"],
    [["model._orig_mod.module.a.x", "model._orig_mod.module.b.x"], "a.x b.x"],
    [["a.module.x", "b.module.x"], "a.x b.x"],
    [["a._orig_mod.x", "b.y"], "a.x b.y"],
    [["n_averaged", "module.a.x", "module.b.x"], "a.x b.x"],
    [["anything.at.all.a.x", "anything.at.all.b.x"], "a.x b.x"],
  ])("include for %j the names %s", (all, expected) => {
    expect(names(...all)[0]).toBe(all.join(" "));
    expect(names(...all)).toContain(expected);
  });

  test("keep a part that not all names share, or whose removal would merge two names", () => {
    expect(new Set(names("net.a", "b"))).toEqual(new Set(["net.a b"]));
    expect(names("a.module.x", "a.x")).not.toContain("a.x");
    expect(names("a.module.x", "a.x").every((each) => each.split(" ").length === 2)).toBe(true);
    expect(names()).toEqual(expect.arrayContaining([""]));
  });

  test("are limited, however many parts there are", () => {
    expect(names(`${"a.".repeat(500)}b`).length).toBeLessThan(40);
  });
});
