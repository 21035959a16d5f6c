import { access } from "node:fs/promises";

/** Whether a path exists; false also if the system does not allow looking. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
