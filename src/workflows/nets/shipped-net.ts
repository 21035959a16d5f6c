import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own trained nets; the path is the same from src/workflows/nets and dist/workflows/nets. */
export const SHIPPED_NETS_FOLDER = fileURLToPath(new URL("../../../data/models", import.meta.url));

const ENDING = ".safetensors";
const BARE_NAME = /^[\w-]+$/;

/** The names of the nets in a folder, such as cifar10-resnet20-w2a2. */
export const shippedNetNames = async (folder: string = SHIPPED_NETS_FOLDER): Promise<string[]> => {
  const files = await readdir(folder).catch((): string[] => []);
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
};

/** The file of a net that ships, if `asked` is its bare name and no file has that name; otherwise `asked`. */
export const netFileOf = async (
  asked: string,
  folder: string = SHIPPED_NETS_FOLDER,
): Promise<string> => {
  if (!BARE_NAME.test(asked) || (await stat(asked).catch(() => undefined))) return asked;
  const names = await shippedNetNames(folder);
  return names.includes(asked) ? join(folder, `${asked}${ENDING}`) : asked;
};
