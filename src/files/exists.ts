import { access } from "node:fs/promises";

/** Whether something of this name is there; false also where the system does not tell. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
