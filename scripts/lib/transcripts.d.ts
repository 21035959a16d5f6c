/** Calls whose output docs/usage.md shows; without a name a call is only run. */
export const CALLS: readonly { readonly name?: string; readonly call: string }[];
export const recordCalls: (
  folder: string,
  onRecorded: (name: string, text: string) => void,
) => Promise<void>;
export const readTranscripts: () => Readonly<Record<string, string>>;
export const writeTranscript: (name: string, text: string) => void;
export const wordsOf: (text: string) => readonly string[];
