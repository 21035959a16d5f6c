/** Stands for any byte in a signature. */
const ANY = "?";

/** Whether a file begins with a signature: one character a byte, "?" for any. */
export const startsWith = (bytes: Uint8Array, signature: string): boolean => {
  if (bytes.length < signature.length) return false;
  for (let at = 0; at < signature.length; at++) {
    if (signature[at] !== ANY && signature.charCodeAt(at) !== bytes[at]) return false;
  }
  return true;
};
