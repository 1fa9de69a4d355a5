/**
 * The kinds of shape that scenes are made of: each says which points of the unit disk it covers.
 *
 * @module
 */

/** A kind of shape. */
export interface ShapeKind {
  readonly name: string;
  /** Whether the shape covers a point; it fits into the disk of radius 1 around (0, 0). */
  covers(x: number, y: number): boolean;
}

/** A regular polygon with one side below the centre, its corners at distance 1. */
function polygon(corners: number): (x: number, y: number) => boolean {
  const sector = 2 * Math.PI / corners;
  const inner = Math.cos(sector / 2);
  return (x, y) => {
    const angle = Math.atan2(x, -y);
    const fromSide = angle - sector * Math.round(angle / sector);
    return Math.hypot(x, y) * Math.cos(fromSide) <= inner;
  };
}

/** A star of five points. */
function star(x: number, y: number): boolean {
  const sector = 2 * Math.PI / 5;
  const angle = Math.atan2(x, -y);
  const fromPoint = Math.abs(angle - sector * Math.round(angle / sector)) / (sector / 2);
  return Math.hypot(x, y) <= 1 - 0.66 * Math.pow(fromPoint, 0.6);
}

/** All kinds, in the order of their classes. */
export const shapeKinds: readonly ShapeKind[] = [
  { name: "circle", covers: (x, y) => x * x + y * y <= 0.72 },
  { name: "square", covers: polygon(4) },
  { name: "triangle", covers: polygon(3) },
  {
    name: "cross",
    covers: (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 0.24 && x * x + y * y <= 1,
  },
  { name: "ring", covers: (x, y) => Math.abs(Math.hypot(x, y) - 0.74) <= 0.22 },
  { name: "star", covers: star },
  { name: "bar", covers: (x, y) => Math.abs(y) <= 0.25 && Math.abs(x) <= 0.95 },
  {
    name: "crescent",
    covers: (x, y) => x * x + y * y <= 0.9 && (x - 0.42) ** 2 + y * y > 0.5,
  },
];
