/**
 * Draws one scene of shapes on a textured background.
 *
 * @module
 */
import type { Box, LabelMap, Random } from "@realign/core";
import type { ClassAnnotation } from "../dataset.ts";
import type { ShapeKind } from "./shapes_kinds.ts";

/** What is known of a scene; `class` is that of the shape with the most pixels. */
export interface ShapesAnnotation extends ClassAnnotation {
  /** 0 is the background, `k + 1` a shape of class k; nothing is ignored. */
  readonly labelMap: LabelMap;
  /** The smallest box around each shape. */
  readonly boxes: readonly Box[];
}

/** A surface: a colour, a wave of brightness across it, and grain. */
interface Texture {
  readonly colour: readonly number[];
  readonly strength: number;
  /** Wave numbers over the picture's width, and the phase. */
  readonly wave: readonly [number, number, number];
}

interface Shape {
  readonly class: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly angle: number;
  readonly texture: Texture;
}

/** Mean absolute difference of channels, out of 255, between a shape's colour and the background's. */
const contrast = { low: 55, high: 90 };

/** Grain is uniform within so much, out of 255, to either side. */
const grain = 20;

/**
 * Draws a scene.
 *
 * @param random All that is random about it
 * @param kinds The kinds of shape, by class
 * @param mainClass The class of the first, largest shape
 * @param size Height and width
 * @param objects The most shapes; others than the first are smaller, and none covers another
 */
export function drawScene(
  random: Random,
  kinds: readonly ShapeKind[],
  mainClass: number,
  size: number,
  objects: number,
): { pixels: Uint8Array; annotation: ShapesAnnotation } {
  const background = drawTexture(random, Array.from({ length: 3 }, () => between(random, 50, 205)));
  const shapes = placeShapes(random, kinds, mainClass, size, objects, background);
  const pixels = new Uint8Array(size * size * 3);
  const classes = new Uint8Array(size * size);
  const extents = shapes.map(() => ({ x0: size, y0: size, x1: 0, y1: 0, area: 0 }));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const hit = shapes.findIndex((shape) => covers(kinds[shape.class], shape, x + 0.5, y + 0.5));
      if (hit >= 0) {
        classes[y * size + x] = shapes[hit].class + 1;
        const extent = extents[hit];
        extent.x0 = Math.min(extent.x0, x);
        extent.y0 = Math.min(extent.y0, y);
        extent.x1 = Math.max(extent.x1, x + 1);
        extent.y1 = Math.max(extent.y1, y + 1);
        extent.area++;
      }
      const texture = hit >= 0 ? shapes[hit].texture : background;
      paint(pixels, (y * size + x) * 3, texture, x / size, y / size, random);
    }
  }
  const boxes = extents.map(({ x0, y0, x1, y1 }, index): Box => ({
    box: [x0 / size, y0 / size, x1 / size, y1 / size],
    class: shapes[index].class,
    difficult: false,
  }));
  const largest = extents.reduce(
    (best, extent, index) => extent.area > extents[best].area ? index : best,
    0,
  );
  const labelMap = { height: size, width: size, classes };
  return { pixels, annotation: { class: shapes[largest].class, labelMap, boxes } };
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

function drawTexture(random: Random, colour: readonly number[]): Texture {
  const wave = [between(random, -4, 4), between(random, -4, 4), random.next()] as const;
  return { colour, strength: between(random, 4, 16), wave };
}

/** A colour that stands out from another by the wanted contrast, within 0 to 255. */
function drawContrasting(random: Random, from: readonly number[]): number[] {
  const wanted = between(random, contrast.low, contrast.high);
  for (;;) {
    const direction = Array.from({ length: 3 }, () => between(random, -1, 1));
    const scale = 3 * wanted / direction.reduce((sum, part) => sum + Math.abs(part), 0);
    const colour = from.map((value, channel) => value + scale * direction[channel]);
    if (colour.every((value) => value >= 15 && value <= 240)) return colour;
  }
}

function placeShapes(
  random: Random,
  kinds: readonly ShapeKind[],
  mainClass: number,
  size: number,
  objects: number,
  background: Texture,
): Shape[] {
  const shapes: Shape[] = [];
  const wanted = 1 + random.integer(objects);
  for (let tries = 0; shapes.length < wanted && tries < 20 * objects; tries++) {
    const main = shapes.length === 0;
    const radius = size *
      (objects === 1
        ? between(random, 0.26, 0.4)
        : main
        ? between(random, 0.22, 0.32)
        : between(random, 0.13, 0.2));
    const x = between(random, radius, size - radius);
    const y = between(random, radius, size - radius);
    const free = shapes.every((other) =>
      Math.hypot(x - other.x, y - other.y) > radius + other.radius
    );
    if (!free) continue;
    shapes.push({
      class: main ? mainClass : random.integer(kinds.length),
      x,
      y,
      radius,
      angle: between(random, 0, 2 * Math.PI),
      texture: drawTexture(random, drawContrasting(random, background.colour)),
    });
  }
  return shapes;
}

function covers(kind: ShapeKind, shape: Shape, x: number, y: number): boolean {
  const dx = (x - shape.x) / shape.radius;
  const dy = (y - shape.y) / shape.radius;
  if (dx * dx + dy * dy > 1) return false;
  const [cosine, sine] = [Math.cos(shape.angle), Math.sin(shape.angle)];
  return kind.covers(cosine * dx + sine * dy, cosine * dy - sine * dx);
}

/** Writes one pixel. */
function paint(
  pixels: Uint8Array,
  at: number,
  texture: Texture,
  x: number,
  y: number,
  random: Random,
): void {
  const [across, down, phase] = texture.wave;
  const wave = texture.strength * Math.sin(2 * Math.PI * (across * x + down * y + phase));
  for (let channel = 0; channel < 3; channel++) {
    const value = Math.round(texture.colour[channel] + wave + between(random, -grain, grain));
    pixels[at + channel] = Math.max(0, Math.min(255, value));
  }
}
