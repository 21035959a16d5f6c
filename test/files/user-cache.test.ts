import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { cacheFolder, findCacheFolder, findHome } from "../../src/files/user-cache.js";

vi.mock("node:os", async (importOriginal) => {
  const os = await importOriginal<typeof import("node:os")>();
  return { ...os, homedir: vi.fn(os.homedir), userInfo: vi.fn(os.userInfo) };
});

const real = {
  homedir: vi.mocked(homedir).getMockImplementation() ?? homedir,
  userInfo: vi.mocked(userInfo).getMockImplementation() ?? userInfo,
};
afterEach(() => {
  vi.mocked(homedir).mockImplementation(real.homedir);
  vi.mocked(userInfo).mockImplementation(real.userInfo);
});

/** A user as listed by the system; only the home folder matters. */
const user = (folder: string) =>
  ({ username: "me", uid: 1, gid: 1, shell: null, homedir: folder }) as ReturnType<typeof userInfo>;

/** The system's answers: HOME, and the listed folder, if the user is listed. */
const answer = (home: string | undefined, listed: string | undefined): void => {
  vi.mocked(homedir).mockImplementation(() => {
    if (home === undefined) throw new Error("uv_os_homedir returned ENOENT");
    return home;
  });
  vi.mocked(userInfo).mockImplementation(() => {
    if (listed === undefined) throw new Error("uv_os_get_passwd returned ENOENT");
    return user(listed);
  });
};

test.each([
  ["/home/me", "/home/other", "/home/me"],
  ["", "/home/me", "/home/me"],
  ["relative", "/home/me", "/home/me"],
  ["", undefined, undefined],
  ["relative", undefined, undefined],
  [undefined, undefined, undefined],
  ["", "", undefined],
])("HOME %j of a user listed with %j yields the home folder %j", (home, listed, expected) => {
  answer(home, listed);
  expect(findHome()).toBe(expected);
});

test("the cache is in XDG_CACHE_HOME if that is absolute, else in the home folder", () => {
  const homeFolder = "/home/me";
  const below = (folder: string): string => join(folder, "qprune");
  expect(cacheFolder({ env: { XDG_CACHE_HOME: "/big" }, homeFolder })).toBe(below("/big"));
  expect(cacheFolder({ env: { XDG_CACHE_HOME: "/big" }, homeFolder: undefined })).toBe(
    below("/big"),
  );
  for (const named of [undefined, "", "relative"]) {
    const env = { XDG_CACHE_HOME: named };
    expect(cacheFolder({ env, homeFolder })).toBe(below("/home/me/.cache"));
  }
});

test.each([
  [undefined, "XDG_CACHE_HOME is not set"],
  ["", "XDG_CACHE_HOME is not set"],
  ["relative", "XDG_CACHE_HOME=relative is not an absolute path"],
])(
  "a user without a home folder and with XDG_CACHE_HOME %j is asked to set a folder",
  (named, reason) => {
    const place = { env: { XDG_CACHE_HOME: named }, homeFolder: undefined };
    expect(findCacheFolder(place)).toBeUndefined();
    expect(() => cacheFolder(place)).toThrow(reason);
    expect(() => cacheFolder(place)).toThrow(QpruneError);
    expect(() => cacheFolder(place)).toThrow(
      expect.objectContaining({
        code: "cache-folder-missing",
        hint: "Set XDG_CACHE_HOME to a folder that you can write to.",
      }),
    );
  },
);

test("the running user's home folder is absolute or undefined", () => {
  const home = findHome();
  expect(home === undefined || isAbsolute(home)).toBe(true);
});
