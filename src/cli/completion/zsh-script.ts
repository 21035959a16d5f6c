import { longNameOf } from "../../options/names/option-names.js";
import { singleQuoted } from "../../options/names/shell-command.js";
import type { CommandDefinition } from "../command.js";
import type { ShownOption } from "../command-help.js";
import { shownOptions } from "../shown-option.js";
import { withAliases } from "./with-aliases.js";

/** Escapes a description for zsh, in which brackets and colons are special. */
const plain = (text: string): string => text.replaceAll(/[[\]:\\]/g, "\\$&");

/** What completes the value of a flag: nothing, its accepted values, or files. */
const valuePart = ({ flag, choices }: ShownOption): string => {
  const value = /[<[]([^>\]]+)[>\]]/.exec(flag)?.[1];
  if (value === undefined) return "";
  const action = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
  return `:${plain(value)}:${action}`;
};

const specsOf = (option: ShownOption): string[] => {
  const name = longNameOf(option.flag);
  const spec = singleQuoted(`${name}[${plain(option.description)}]${valuePart(option)}`);
  return option.isNegatable
    ? [spec, singleQuoted(`${name.replace("--", "--no-")}[the opposite of ${name}]`)]
    : [spec];
};

const commandCase = ({ name, schema }: CommandDefinition): string[] => [
  `    ${name})`,
  "      _arguments \\",
  ...shownOptions(schema)
    .flatMap(specsOf)
    .map((spec) => `        ${spec} \\`),
  `        '--help[show the help]' '*:file:_files' ;;`,
];

/** A zsh script that completes commands, flags and values of enumerations, with descriptions. */
export const zshScript = (definitions: readonly CommandDefinition[]): string => {
  const commands = withAliases(definitions);
  return [
    "#compdef qprune",
    "_qprune() {",
    "  local -a commands=(",
    ...commands.map(({ name, summary }) => `    ${singleQuoted(`${name}:${summary}`)}`),
    "  )",
    "  if ((CURRENT == 2)); then _describe command commands; return; fi",
    "  shift words",
    "  ((CURRENT--))",
    '  case "${words[1]}" in',
    ...commands.flatMap(commandCase),
    "  esac",
    "}",
    "compdef _qprune qprune",
    "",
  ].join("\n");
};
