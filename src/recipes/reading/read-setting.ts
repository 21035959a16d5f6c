import type { Setting } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";

const SETTING = /^(?:(?<stage>[A-Za-z0-9_-]+)\.)?(?<name>[A-Za-z0-9_-]+)=(?<value>.*)$/s;

/** A `--set [STAGE.]OPTION=VALUE` as it was typed, or what is wrong with it. */
export const readSetting = (typed: string): { set?: Setting; problem?: RecipeProblem } => {
  const { stage, name, value } = SETTING.exec(typed)?.groups ?? {};
  const where = { kind: "flag", text: `--set ${typed}` } as const;
  if (name === undefined || value === undefined) {
    const message = "expected an option and its value, as in epochs=1.";
    const hint = "STAGE.OPTION=VALUE sets the option of one stage.";
    return { problem: { where, message, hint } };
  }
  const isBoolean = value === "true" || value === "false";
  const plain = isBoolean ? value === "true" : value;
  return { set: { name, stage, value: plain, where, valueWhere: where } };
};
