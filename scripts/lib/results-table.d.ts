interface Result {
  readonly accuracy: number;
  readonly bytes: number;
}
type ShippedNet = Result & { readonly name: string };

export const TABLE_START: string;
export const TABLE_END: string;
export function readRows(page: string): Map<string, Result>;
export function withRows(page: string, nets: readonly ShippedNet[]): string;
export function differences(
  rows: ReadonlyMap<string, Result>,
  nets: readonly ShippedNet[],
): string[];
