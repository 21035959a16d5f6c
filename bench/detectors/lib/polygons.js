// Convex polygons as lists of corners [x, y], counterclockwise in a system whose y grows upward.

const cross = ([ox, oy], [ax, ay], [bx, by]) => (ax - ox) * (by - oy) - (ay - oy) * (bx - ox);

export const areaOf = (corners) =>
  corners.reduce((sum, [x, y], at) => {
    const [nx, ny] = corners[(at + 1) % corners.length];
    return sum + (x * ny - nx * y) / 2;
  }, 0);

/** The part of a polygon that is left of the line from `from` to `to` (Sutherland and Hodgman 1974). */
const leftOf = (corners, from, to) =>
  corners.flatMap((corner, at) => {
    const next = corners[(at + 1) % corners.length];
    const [one, other] = [cross(from, to, corner), cross(from, to, next)];
    const share = one / (one - other);
    const crossing = [
      corner[0] + share * (next[0] - corner[0]),
      corner[1] + share * (next[1] - corner[1]),
    ];
    const inside = one >= 0 ? [corner] : [];
    return one * other < 0 ? [...inside, crossing] : inside;
  });

/** The area of the intersection of two polygons divided by that of their union. */
export const overlapOf = (one, other) => {
  const common = other.reduce(
    (rest, corner, at) => leftOf(rest, corner, other[(at + 1) % other.length]),
    one,
  );
  const shared = areaOf(common);
  return shared <= 0 ? 0 : shared / (areaOf(one) + areaOf(other) - shared);
};

/** The corners of a box whose sides are those of the image. */
export const cornersOf = ({ left, top, right, bottom }) => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

/** The convex hull of points (Andrew 1979). */
const hullOf = (points) => {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const half = (list) => {
    const hull = [];
    for (const point of list) {
      while (hull.length > 1 && cross(hull.at(-2), hull.at(-1), point) <= 0) hull.pop();
      hull.push(point);
    }
    return hull.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
};

/** The rectangle of the least area around points: one of its sides is one of their convex hull. */
export const leastRectangle = (points) => {
  const hull = hullOf(points);
  let best;
  hull.forEach(([x, y], at) => {
    const [nx, ny] = hull[(at + 1) % hull.length];
    const length = Math.hypot(nx - x, ny - y);
    if (length === 0) return;
    const [ux, uy] = [(nx - x) / length, (ny - y) / length];
    const along = hull.map(([px, py]) => px * ux + py * uy);
    const across = hull.map(([px, py]) => py * ux - px * uy);
    const [low, high] = [Math.min(...along), Math.max(...along)];
    const [near, far] = [Math.min(...across), Math.max(...across)];
    const area = (high - low) * (far - near);
    if (!best || area < best.area)
      best = { area, axis: [ux, uy], along: [low, high], across: [near, far] };
  });
  return best;
};

/** The corners of a rectangle of leastRectangle, with all sides moved outward by `margin`. */
export const rectangleCorners = ({ axis: [ux, uy], along, across }, margin) => {
  const [low, high] = [along[0] - margin, along[1] + margin];
  const [near, far] = [across[0] - margin, across[1] + margin];
  const at = (a, b) => [a * ux - b * uy, a * uy + b * ux];
  return [at(low, near), at(high, near), at(high, far), at(low, far)];
};
