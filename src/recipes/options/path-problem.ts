import {
  isUnexpandedHome,
  MAX_NAME_BYTES,
  MAX_PATH_BYTES,
  pathBytes,
} from "../../options/values/file-name.js";

const CONTROL = /\p{Cc}/u;

/** Why a text is not a path, as the parts of "found …, expected …". */
export interface PathProblem {
  readonly found: string;
  readonly expected: string;
  readonly hint: string;
}

/** Why no file or folder can have the given path; undefined for a possible path. */
export const pathProblem = (path: string): PathProblem | undefined => {
  if (CONTROL.test(path)) {
    return {
      found: path,
      expected: "a path without control characters",
      hint: "In double quotes, \\ starts an escape sequence: write / or use single quotes.",
    };
  }
  if (isUnexpandedHome(path)) {
    return {
      found: path,
      expected: "a path that does not start with ~",
      hint: "Recipes do not expand ~: write the full path, or ./~ for a folder of that name.",
    };
  }
  const { whole, longest } = pathBytes(path);
  const hint = "Use a shorter path.";
  if (longest > MAX_NAME_BYTES) {
    const expected = `names of at most ${MAX_NAME_BYTES}`;
    return { found: `a path with a name of ${longest} bytes`, expected, hint };
  }
  if (whole <= MAX_PATH_BYTES) return undefined;
  return { found: `a path of ${whole} bytes`, expected: `at most ${MAX_PATH_BYTES}`, hint };
};
