import type { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { isDict, isPlaceholder } from "../pickle/pickle-value.js";
import { shownGlobal } from "../pickle/shown-global.js";
import type { Candidates } from "./find-candidates.js";
import { malformed } from "./malformed.js";
import { isTorch, itemsOf, type TorchValue } from "./torch-value.js";

/** Keys of a dict that are named. */
const MOST_KEYS = 8;

const WHOLE_MODEL =
  "Save its state dict: torch.save(model.state_dict(), FILE). A whole model is a pickle of its program, which qprune does not run.";

const wholeModel = ({ path, className }: NonNullable<Candidates["module"]>): string => {
  const where = path === "" ? "it is" : `under ${quoted(path)} it holds`;
  return `${where} a whole model (${shownGlobal(className)}), not a dict of tensors`;
};

const foundInstead = (value: TorchValue): string => {
  if (isTorch(value, "tensor")) return `it holds one tensor of shape [${value.shape}]`;
  if (isTorch(value, "foreign tensor")) return `it holds one tensor, ${value.what}`;
  if (isPlaceholder(value)) return `it holds an object of ${shownGlobal(value.className)}`;
  const items = itemsOf(value);
  if (items) {
    const tensors = items.filter((item) => isTorch(item, "tensor")).length;
    return `it holds a list of ${items.length} values, ${tensors} of them tensors without names`;
  }
  if (!isDict(value)) return "it holds a plain value";
  const keys = [...value.entries.keys()].map((key) => quoted(String(key)));
  const more = keys.length > MOST_KEYS ? ", …" : "";
  return keys.length === 0
    ? "it holds an empty dict"
    : `it holds a dict with the keys ${keys.slice(0, MOST_KEYS).join(", ")}${more}`;
};

/** The error for a file without a dict of tensors, saying what it holds. */
export const noStateDict = (
  value: TorchValue,
  { module }: Candidates,
  fileName: string,
): QpruneError => {
  const isForeign = true;
  if (module) return malformed(fileName, wholeModel(module), { isForeign, hint: WHOLE_MODEL });
  return malformed(fileName, `${foundInstead(value)}, and no dict of tensors`, { isForeign });
};
