import { usageError } from "../core/errors.js";
import type { Setting } from "./recipe.js";

const SETTING = /^(?:(?<stage>[A-Za-z0-9_-]+)\.)?(?<name>[A-Za-z0-9_-]+)=(?<value>.*)$/s;

/**
 * A `--set [STAGE.]OPTION=VALUE` as it was typed.
 * @throws QpruneError (usage) for any other text.
 */
export const readSetting = (typed: string): Setting => {
  const { stage, name, value } = SETTING.exec(typed)?.groups ?? {};
  if (name === undefined || value === undefined) {
    throw usageError(
      `--set ${typed}: expected an option and its value, as in epochs=1.`,
      "STAGE.OPTION=VALUE sets the option of one stage.",
    );
  }
  const where = { kind: "flag", text: `--set ${typed}` } as const;
  const isBoolean = value === "true" || value === "false";
  return { name, stage, value: isBoolean ? value === "true" : value, where, valueWhere: where };
};
