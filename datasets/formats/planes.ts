/**
 * Pictures that are stored a colour plane after the other, as CIFAR and ImageNet-64 are.
 *
 * @module
 */

/** From planes RRR... GGG... BBB... to pixels RGBRGB...; both have `3 * area` bytes. */
export function interleavePlanes(planes: Uint8Array): Uint8Array {
  const area = planes.length / 3;
  const pixels = new Uint8Array(planes.length);
  for (let from = 0, to = 0; from < area; from++) {
    pixels[to++] = planes[from];
    pixels[to++] = planes[from + area];
    pixels[to++] = planes[from + 2 * area];
  }
  return pixels;
}
