/** Matches any byte of a signature. */
const ANY = "?";

/** Whether a file begins with a signature: one character per byte, "?" for any byte. */
export const startsWith = (bytes: Uint8Array, signature: string): boolean => {
  if (bytes.length < signature.length) return false;
  for (let index = 0; index < signature.length; index++) {
    if (signature[index] !== ANY && signature.charCodeAt(index) !== bytes[index]) return false;
  }
  return true;
};
