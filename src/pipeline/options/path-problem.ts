/** File systems take no longer names of files and folders. */
const MAX_NAME_BYTES = 255;
/** Linux takes no longer path; others take less. */
const MAX_PATH_BYTES = 4095;

const CONTROL = /\p{Cc}/u;

/** What makes a text no path, in the words of "found …, expected …". */
export interface PathProblem {
  readonly found: string;
  readonly expected: string;
  readonly hint: string;
}

/** Why no file or folder can have a path; undefined where one can. */
export const pathProblem = (path: string): PathProblem | undefined => {
  if (CONTROL.test(path)) {
    return {
      found: path,
      expected: "a path without control characters",
      hint: "Within double quotes \\ begins one: write / or use single quotes.",
    };
  }
  const bytes = Buffer.byteLength(path);
  const longest = Math.max(...path.split(/[/\\]/).map((name) => Buffer.byteLength(name)));
  const hint = "Give a shorter one.";
  if (longest > MAX_NAME_BYTES) {
    const expected = `names of at most ${MAX_NAME_BYTES}`;
    return { found: `a path with a name of ${longest} bytes`, expected, hint };
  }
  if (bytes <= MAX_PATH_BYTES) return undefined;
  return { found: `a path of ${bytes} bytes`, expected: `at most ${MAX_PATH_BYTES}`, hint };
};
