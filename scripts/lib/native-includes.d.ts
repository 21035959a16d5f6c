export function includesThatLeave(folder: string): string[];
