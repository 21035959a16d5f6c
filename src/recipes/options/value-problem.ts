import type { z } from "zod";
import { nearestName } from "../../base/nearest-name.js";
import { expectation } from "../../options/values/expectation.js";
import type { Setting } from "../parsed-recipe.js";
import { describeValue } from "../reading/describe-node.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { SourceLocation } from "../source-location.js";
import type { InputOption, StageKind } from "../stages/stage-kind.js";
import { plainOptions } from "./plain-problem.js";

/** The invalid value and its location: the whole value, or one item of a list. */
const wrongPart = (
  { value, found, valueLocation, itemLocations }: Setting,
  item: PropertyKey | undefined,
): { readonly location: SourceLocation; readonly found: string } => {
  const itemLocation = typeof item === "number" ? itemLocations?.[item] : undefined;
  if (itemLocation && Array.isArray(value)) {
    return { location: itemLocation, found: describeValue(value[Number(item)]) };
  }
  return { location: valueLocation, found: found ?? describeValue(value) };
};

/** Spellings of true and false in YAML 1.1 and elsewhere. */
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

/** The value that was probably meant, or else an example; for a number, its default. */
const hintFor = (
  issue: z.core.$ZodIssue,
  { name, value, valueLocation }: Setting,
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
  const defaultValue = (schema.shape[String(key)] as z.ZodType | undefined)?.safeParse(
    undefined,
  ).data;
  const separator = valueLocation.kind === "flag" ? "=" : ": ";
  return typeof defaultValue === "number"
    ? `For example ${name}${separator}${defaultValue}.`
    : undefined;
};

/** A schema's issue with an option as a problem of the recipe. */
export const valueProblem = (
  issue: z.core.$ZodIssue,
  setting: Setting,
  { schema, kind }: { readonly schema: z.ZodObject; readonly kind: StageKind },
): RecipeProblem => {
  const { location, found } = wrongPart(setting, issue.path[1]);
  // The location of a flag already shows the name and the value.
  const subject = location.kind === "flag" ? "" : `${setting.name}: found ${found}, `;
  const message = `${subject}${plainOptions(expectation(issue))}.`;
  return { location, message, hint: hintFor(issue, setting, schema, kind) };
};
