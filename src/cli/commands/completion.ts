import { completionOptions, type SHELLS } from "../../options/commands/completion-options.js";
import { type CommandDefinition, defineCommand } from "../command.js";
import { bashScript } from "../completion/bash-script.js";
import { zshScript } from "../completion/zsh-script.js";

const SCRIPTS: Readonly<
  Record<(typeof SHELLS)[number], (commands: readonly CommandDefinition[]) => string>
> = { bash: bashScript, zsh: zshScript };

export const completionCommand = defineCommand({
  name: "completion",
  group: "Set up",
  summary: "Print a completion script for bash or zsh",
  examples: ["completion bash >> ~/.bashrc", 'completion zsh > "${fpath[1]}/_qprune"'],
  arguments: [{ key: "shell", description: "bash or zsh" }],
  schema: completionOptions,
  run: async ({ options }, { stdout, loadCommands }) => {
    stdout.write(SCRIPTS[options.shell]((await loadCommands?.()) ?? []));
  },
});
