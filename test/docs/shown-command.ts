import type { ShownCommand } from "../../scripts/docs/usage-page.js";
import type { CommandDefinition } from "../../src/cli/command.js";
import { shownOptions } from "../../src/cli/shown-option.js";

/** A command as scripts/docs.js hands it to the page. */
export const shownCommand = (definition: CommandDefinition): ShownCommand => ({
  ...definition,
  options: shownOptions(definition.schema),
});
