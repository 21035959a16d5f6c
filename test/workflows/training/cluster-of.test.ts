import { describe, expect, test } from "vitest";
import { addressList } from "../../../src/options/values/address-list.js";
import { clusterOf } from "../../../src/workflows/training/workers/cluster-of.js";

const config = (cluster: object, task: object) => ({
  TF_CONFIG: JSON.stringify({ cluster, task }),
});
const worker = ["a:1", "b:2"];

describe("the workers of a call", () => {
  test("are those of TF_CONFIG", () => {
    expect(clusterOf({}, config({ worker }, { type: "worker", index: 1 }))).toEqual({
      addresses: worker,
      index: 1,
    });
    // Some launchers write the index as text.
    expect(clusterOf({}, config({ worker }, { type: "worker", index: "1" }))?.index).toBe(1);
  });

  test("begin with the chief, if there is one", () => {
    const cluster = { chief: ["c:3"], worker };
    expect(clusterOf({}, config(cluster, { type: "chief", index: 0 }))).toEqual({
      addresses: ["c:3", "a:1", "b:2"],
      index: 0,
    });
    expect(clusterOf({}, config(cluster, { type: "worker", index: 1 }))?.index).toBe(2);
  });

  test("are those of the options rather than of TF_CONFIG", () => {
    const env = config({ worker }, { type: "worker", index: 1 });
    expect(clusterOf({ workers: ["x:1", "y:1"], task_index: 0 }, env)).toEqual({
      addresses: ["x:1", "y:1"],
      index: 0,
    });
  });

  test("are none without either, or if there is only one", () => {
    expect(clusterOf({}, {})).toBeUndefined();
    expect(
      clusterOf({}, config({ worker: ["a:1"] }, { type: "worker", index: 0 })),
    ).toBeUndefined();
    expect(clusterOf({ workers: ["a:1"], task_index: 0 }, {})).toBeUndefined();
  });

  test.each([
    ["is not JSON", { TF_CONFIG: "{" }, /TF_CONFIG is not JSON/],
    ["has no task", { TF_CONFIG: '{"cluster": {}}' }, /TF_CONFIG cannot be used \(task/],
    [
      "names a parameter server",
      config({ worker, ps: ["d:4"] }, { type: "worker", index: 0 }),
      /parameter servers are not used/,
    ],
    [
      "has an address without a port",
      config({ worker: ["a"] }, { type: "worker", index: 0 }),
      /host:port/,
    ],
    ["counts too far", config({ worker }, { type: "worker", index: 2 }), /worker 2 .* lists 2/],
  ])("are refused if TF_CONFIG %s", (_, env, message) => {
    expect(() => clusterOf({}, env)).toThrow(message);
  });

  test("are refused without a fitting index", () => {
    expect(() => clusterOf({ task_index: 0 }, {})).toThrow(/without workers/);
    expect(() => clusterOf({ workers: worker }, {})).toThrow(/taskIndex is missing/);
    expect(() => clusterOf({ workers: worker, task_index: 2 }, {})).toThrow(/taskIndex is 2/);
  });
});

describe("a list of addresses", () => {
  test("is separated by commas and may have IPv6 addresses in brackets", () => {
    expect(addressList().parse("a.b-c:1, [::1]:65535")).toEqual(["a.b-c:1", "[::1]:65535"]);
  });
  test.each(["a", "a:0", "a:65536", "a:1,,b:2", ":1", "a:1,a:1"])("is not %s", (text) => {
    expect(addressList().safeParse(text).success).toBe(false);
  });
});
