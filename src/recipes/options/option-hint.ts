import { nearestName } from "../../base/nearest-name.js";
import { meantOptions, whyNoOption } from "../../options/names/option-synonyms.js";
import { everyOptionName, forStages, kindsWith } from "./option-kinds.js";

/**
 * "Did you mean …?" for an unknown option name: what other programs mean by it, or else `elsewhere`, what is known of the
 * name besides these options, or else the nearest name.
 */
export const optionHint = (
  name: string,
  names: readonly string[],
  elsewhere?: string,
): string | undefined => {
  // Dashes, capitals and underscores do not make it another name.
  const plain = name
    .replace(/^-+/, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase();
  const meant = meantOptions(name.replace(/^-+/, ""), names);
  if (meant.length > 0) return `Did you mean ${meant.join(" or ")}?`;
  const why = whyNoOption(name);
  if (why !== undefined) return why;
  if (elsewhere !== undefined) return elsewhere;
  const nearest = nearestName(name, names) ?? nearestName(plain, names);
  return nearest && `Did you mean ${nearest}?`;
};

/** Names the stage kinds that have an option, by its own name or by what other programs mean by it. */
export const elsewhereHint = (name: string): string | undefined => {
  const own = kindsWith(name);
  if (own.length > 0) return forStages(own);
  const meant = meantOptions(name, everyOptionName());
  const kinds = [...new Set(meant.flatMap(kindsWith))];
  return meant.length > 0 ? `Did you mean ${meant.join(" or ")}? ${forStages(kinds)}` : undefined;
};
