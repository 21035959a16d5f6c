import { describe, expect, test } from "vitest";
import { WHEELS, wheelFor } from "../../../../src/engine/setup/wheel/wheels.js";

describe("the table of wheels", () => {
  test.each(Object.entries(WHEELS))("pins the wheel for %s by name, size and hash", (_, wheel) => {
    const name = wheel.project.replace("-", "_");
    expect(wheel.fileName).toContain(`${name}-${wheel.version}-cp311-cp311-${wheel.pipPlatform}`);
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(wheel.bytes).toBeGreaterThan(200e6);
  });

  test("marks only Linux x64 as tested", () => {
    const tested = Object.keys(WHEELS).filter((kind) => WHEELS[kind]?.isTested);
    expect(tested).toEqual(["linux-x64"]);
  });

  test("knows no wheel for Windows", () => {
    expect(wheelFor("win32", "x64")).toBeUndefined();
  });
});
