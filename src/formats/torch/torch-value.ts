import { isTuple, type PickleValue } from "../pickle/pickle-value.js";
import type { TorchObject } from "./tensor-view.js";

/** A value of a checkpoint's pickle. */
export type TorchValue = PickleValue<TorchObject>;

/** True for a torch object of that kind. */
export const isTorch = <K extends TorchObject["kind"]>(
  value: TorchValue | undefined,
  kind: K,
): value is Extract<TorchObject, { kind: K }> =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

/** True for a whole number that can count something. */
export const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** The items of a list or a tuple; undefined for every other value. */
export const itemsOf = (value: TorchValue | undefined): readonly TorchValue[] | undefined => {
  if (isTuple(value)) return value.items;
  return Array.isArray(value) ? value : undefined;
};
