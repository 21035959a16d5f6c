const endOf = (file: string, parts: number): string => file.split(/[/\\]/).slice(-parts).join("/");

const nameOf = (file: string, others: readonly string[]): string => {
  const most = file.split(/[/\\]/).length;
  for (let parts = 1; parts < most; parts++) {
    const name = endOf(file, parts);
    if (others.every((other) => endOf(other, parts) !== name)) return name;
  }
  return file;
};

/** The name of each file, with as many folders as distinguish it from the others: prune/nin.pth, wqaq/nin.pth. */
export const shortNames = (files: readonly string[]): readonly string[] =>
  files.map((file, index) =>
    nameOf(
      file,
      files.filter((other, otherIndex) => otherIndex !== index && other !== file),
    ),
  );
