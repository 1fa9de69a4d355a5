/**
 * Which pixels a mirrored border shows.
 *
 * @module
 */

/**
 * Numbers along an axis with its mirrored borders.
 *
 * @param size Of the axis
 * @param before Pixels before the first
 * @param behind Pixels behind the last
 * @param ofBorder Whether the border's own pixel is mirrored too: TensorFlow's "SYMMETRIC", not its "REFLECT"
 */
export function mirroredPlaces(
  size: number,
  before: number,
  behind: number,
  ofBorder: boolean,
): number[] {
  const own = ofBorder ? 1 : 0;
  return Array.from({ length: before + size + behind }, (_, place) => {
    const at = place - before;
    return at < 0 ? -at - own : at < size ? at : 2 * size - 2 - at + own;
  });
}
