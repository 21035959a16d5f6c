import { longNameOf } from "../../options/names/option-names.js";
import type { CommandDefinition } from "../command.js";
import { shownOptions } from "../shown-option.js";
import { withAliases } from "./with-aliases.js";

const flagsOf = ({ schema }: CommandDefinition): string[] =>
  shownOptions(schema)
    .flatMap(({ flag, isNegatable }) => {
      const name = longNameOf(flag);
      return isNegatable ? [name, name.replace("--", "--no-")] : [name];
    })
    .concat("--help");

const offer = (words: readonly string[]): string =>
  `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")); return ;;`;

const choiceCases = ({ name, schema }: CommandDefinition): string[] =>
  shownOptions(schema)
    .filter(({ choices }) => choices.length > 0)
    .map(({ flag, choices }) => `    "${name} ${longNameOf(flag)}") ${offer(choices)}`);

/** A bash script that completes commands, flags and values of enumerations, and otherwise file names. */
export const bashScript = (definitions: readonly CommandDefinition[]): string => {
  const commands = withAliases(definitions);
  return [
    "_qprune() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}"',
    "  COMPREPLY=()",
    "  if ((COMP_CWORD == 1)); then",
    `    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))`,
    "    return",
    "  fi",
    '  case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}" in',
    ...commands.flatMap(choiceCases),
    "  esac",
    '  if [[ "$current" != -* ]]; then return; fi',
    '  case "${COMP_WORDS[1]}" in',
    ...commands.map((command) => `    ${command.name}) ${offer(flagsOf(command))}`),
    "  esac",
    "}",
    "complete -o default -F _qprune qprune",
    "",
  ].join("\n");
};
