import { z } from "zod";

/** What file systems take between two slashes (ext4, XFS, APFS). */
export const MAX_NAME_BYTES = 255;
/** Linux takes 4096 with the byte that ends it. */
export const MAX_PATH_BYTES = 4095;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** The bytes of a path, and of the longest name in it. */
export const pathBytes = (path: string): { readonly whole: number; readonly longest: number } => ({
  whole: bytesOf(path),
  longest: Math.max(...path.split("/").map(bytesOf)),
});

const isShort = (path: string): boolean => {
  const { whole, longest } = pathBytes(path);
  return whole <= MAX_PATH_BYTES && longest <= MAX_NAME_BYTES;
};

/**
 * Whether a path begins with a home folder that a shell would have put there: ~/x or ~user/x. Taken literally, it
 * would name a folder called ~.
 */
export const isUnexpandedHome = (path: string): boolean => path === "~" || /^~[^/]*\//.test(path);

/** A path that systems can take: others would fail at its first use, wherever that is. */
export const usablePath = <T extends z.ZodType<string>>(schema: T) =>
  schema
    .refine((path) => !isUnexpandedHome(path), {
      error:
        "expected a path that begins without ~, which the shell expands only unquoted and after a space: write $HOME, or ./~ for a folder of that name",
    })
    .refine((path) => !path.includes("\0"), { error: "expected a name without NUL characters" })
    .refine(isShort, {
      error: `expected a shorter name, of at most ${MAX_NAME_BYTES} bytes between slashes and ${MAX_PATH_BYTES} in all`,
    });

/** The name of a file, or of what else an option takes. */
export const fileName = (what = "a file or folder") =>
  usablePath(z.string().min(1, { error: `expected the name of ${what}` }));
