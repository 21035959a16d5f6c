import type { z } from "zod";
import { nearestName } from "../../base/nearest-name.js";
import { expectation } from "../../options/expectation.js";
import { foundValue } from "../reading/found-node.js";
import type { Setting } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { InputOption, StageKind } from "../stages/stage-kind.js";
import type { Where } from "../where.js";
import { plainOptions } from "./plain-options.js";

/** Where a wrong value stands, and what it is: of a list perhaps one item. */
const wrongPart = (
  { value, found, valueWhere, itemWheres }: Setting,
  item: PropertyKey | undefined,
): { readonly where: Where; readonly found: string } => {
  const itemWhere = typeof item === "number" ? itemWheres?.[item] : undefined;
  if (itemWhere && Array.isArray(value)) {
    return { where: itemWhere, found: foundValue(value[Number(item)]) };
  }
  return { where: valueWhere, found: found ?? foundValue(value) };
};

/** What stands for true and false in YAML 1.1 and in other files. */
const BOOLEANS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["true", "true"],
  ["yes", "true"],
  ["on", "true"],
  ["1", "true"],
  ["false", "false"],
  ["no", "false"],
  ["off", "false"],
  ["0", "false"],
]);

const inputExample = ({ key, isList }: InputOption): string =>
  isList
    ? `${key}: [sparse, ./other.pth] names a stage and a file`
    : `${key}: sparse names a stage, and ${key}: ./other.pth a file`;

/** The name that was probably meant, else an example: that of a number is its default. */
const hintFor = (
  issue: z.core.$ZodIssue,
  { name, value, valueWhere }: Setting,
  schema: z.ZodObject,
  kind: StageKind,
): string | undefined => {
  if (issue.code === "invalid_value") {
    const nearest = nearestName(String(value), issue.values.map(String));
    return nearest && `Did you mean ${nearest}?`;
  }
  if (issue.code === "invalid_type" && issue.expected === "boolean") {
    const meant = BOOLEANS_ELSEWHERE.get(String(value).toLowerCase());
    return meant && `Did you mean ${meant}${meant === value ? " without quotes" : ""}?`;
  }
  const [key] = issue.path;
  const input = kind.inputs.find((each) => each.key === key);
  if (input) return `${inputExample(input)}.`;
  const usual = (schema.shape[String(key)] as z.ZodType | undefined)?.safeParse(undefined).data;
  const is = valueWhere.kind === "flag" ? "=" : ": ";
  return typeof usual === "number" ? `For example ${name}${is}${usual}.` : undefined;
};

/** What a schema says is wrong with an option, in words of the recipe. */
export const valueProblem = (
  issue: z.core.$ZodIssue,
  setting: Setting,
  { schema, kind }: { readonly schema: z.ZodObject; readonly kind: StageKind },
): RecipeProblem => {
  const { where, found } = wrongPart(setting, issue.path[1]);
  // A flag shows the name and what was found.
  const said = where.kind === "flag" ? "" : `${setting.name}: found ${found}, `;
  const message = `${said}${plainOptions(expectation(issue))}.`;
  return { where, message, hint: hintFor(issue, setting, schema, kind) };
};
