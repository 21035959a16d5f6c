import type { ChannelMap, CoupledLayers } from "../channels/coupled-layers.js";

/** The channels of an axis that belong to some coupled layers. */
const countIn = ({ groups }: CoupledLayers, axis: number): number =>
  groups.reduce((sum, group) => sum + (group.get(axis)?.length ?? 0), 0);

/** The coupled layers of each axis that contains outputs of layers, if there are several. */
const sharedAxes = ({ axes, coupled }: ChannelMap): Map<number, CoupledLayers[]> => {
  const shared = new Map<number, CoupledLayers[]>();
  for (const part of coupled) {
    for (const axis of part.axes) {
      if (axes[axis]?.layers.length === 0) continue;
      shared.set(axis, [...(shared.get(axis) ?? []), part]);
    }
  }
  return new Map([...shared].filter(([, parts]) => parts.length > 1));
};

/**
 * Where the outputs of one layer belong to several coupled layers, its width is the sum of theirs.
 * - `shared` are coupled layers whose widths must be multiples themselves
 * - `whole` those that cannot be pruned, since another part of such a layer is no multiple and stays
 *
 * Example: 16 of a layer's 32 outputs come from a shortcut that is protected; for multiples of 12, the other 16 stay, too.
 */
export const sharedWidths = (
  map: ChannelMap,
  prunable: ReadonlySet<CoupledLayers>,
  multiple: number,
): { readonly shared: ReadonlySet<CoupledLayers>; readonly whole: ReadonlySet<CoupledLayers> } => {
  const axes = [...sharedAxes(map)];
  const whole = new Set<CoupledLayers>();
  const stays = (part: CoupledLayers): boolean =>
    !prunable.has(part) || whole.has(part) || part.groups.length < multiple;
  for (let before = -1; before < whole.size; ) {
    before = whole.size;
    for (const [axis, parts] of axes) {
      if (parts.every((part) => !stays(part) || countIn(part, axis) % multiple === 0)) continue;
      for (const part of parts) if (prunable.has(part)) whole.add(part);
    }
  }
  return { shared: new Set(axes.flatMap(([, parts]) => parts)), whole };
};
