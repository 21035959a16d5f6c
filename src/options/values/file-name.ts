import { z } from "zod";

/** The longest name that common file systems allow (ext4, XFS, APFS). */
export const MAX_NAME_BYTES = 255;
/** Linux allows 4096, including the terminating NUL. */
export const MAX_PATH_BYTES = 4095;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** The length in bytes of a path, and of the longest name in it. */
export const pathBytes = (path: string): { readonly whole: number; readonly longest: number } => ({
  whole: bytesOf(path),
  longest: Math.max(...path.split("/").map(bytesOf)),
});

const isShort = (path: string): boolean => {
  const { whole, longest } = pathBytes(path);
  return whole <= MAX_PATH_BYTES && longest <= MAX_NAME_BYTES;
};

/**
 * Whether a path starts with a home folder that the shell did not expand: ~/x or ~user/x. Taken literally, it would
 * name a folder called ~.
 */
export const isUnexpandedHome = (path: string): boolean => path === "~" || /^~[^/]*\//.test(path);

/** Restricts a schema to possible paths; impossible ones would only fail when they are first used. */
export const usablePath = <T extends z.ZodType<string>>(schema: T) =>
  schema
    .refine((path) => !isUnexpandedHome(path), {
      error:
        "expected a path that does not start with ~ (the shell expands it only unquoted and after a space): write $HOME, or ./~ for a folder of that name",
    })
    .refine((path) => !path.includes("\0"), { error: "expected a name without NUL characters" })
    .refine(isShort, {
      error: `expected a shorter name, of at most ${MAX_NAME_BYTES} bytes between slashes and ${MAX_PATH_BYTES} in all`,
    });

/** A path; `what` names what it leads to in error messages. */
export const fileName = (what = "a file or folder") =>
  usablePath(z.string().min(1, { error: `expected the name of ${what}` }));
