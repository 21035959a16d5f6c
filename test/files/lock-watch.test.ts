import { expect, test } from "vitest";
import { createLockWatch } from "../../src/files/locks/lock-watch.js";
import { thisProcess } from "../../src/files/locks/process-identity.js";

const SELF = thisProcess();
const SILENT_MS = 3000;

/** Observes texts at intervals of one second. */
const statesOf = (texts: readonly string[], secondsBetween = 1): string[] => {
  let ms = 0;
  const watch = createLockWatch(SILENT_MS, SELF, () => ms);
  return texts.map((text) => {
    ms += 1000 * secondsBetween;
    return watch(text).state;
  });
};

const lock = (other: object, beats = 0, nonce = "n"): string =>
  JSON.stringify({ ...SELF, nonce, ...other, beats: String(beats) });

test.each([
  ["another pid namespace", { pidNamespace: "pid:[1]" }],
  ["another boot of the machine", { boot: "another" }],
  ["another host", { host: "another" }],
])(
  "a holder with %s is neither alive because its id runs here, nor dead because it does not",
  (_, other) => {
    for (const pid of [process.pid, 4_194_305]) {
      expect(statesOf([lock({ ...other, pid })])).toEqual(["unknown"]);
    }
  },
);

test("the state of a holder on this system is known at once", () => {
  expect(statesOf([lock({})])).toEqual(["alive"]);
  expect(statesOf([lock({ pid: 4_194_305 })])).toEqual(["dead"]);
});

test("a holder elsewhere is alive after its first heartbeat, and dead after silence", () => {
  const at = (beats: number): string => lock({ host: "another" }, beats);
  expect(statesOf([at(1), at(1), at(2), at(2), at(2), at(2)])).toEqual([
    ...["unknown", "unknown", "alive", "alive", "alive", "dead"],
  ]);
});

test("a lock with a new holder is watched from the beginning", () => {
  const of = (nonce: string): string => lock({ host: "another" }, 0, nonce);
  expect(statesOf([of("a"), of("a"), of("a"), of("b"), of("b")])).toEqual(Array(5).fill("unknown"));
});

test("time in which this process was suspended does not count as silence", () => {
  const text = lock({ host: "another" });
  expect(statesOf([text, text, text, text], 3600)).toEqual([
    "unknown",
    "unknown",
    "unknown",
    "dead",
  ]);
});

test.each(["", "garbage", "[]", '{"pid":1}', "null"])(
  "a file that is not a lock is taken only after waiting: %j",
  (text) => {
    expect(statesOf([text, text, text, text])).toEqual(["unknown", "unknown", "unknown", "dead"]);
  },
);
