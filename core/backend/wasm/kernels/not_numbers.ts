/**
 * Operations of the wasm backend that make a number of what is none.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { registerComposed, stockKernel } from "./register.ts";

/**
 * Lets sign and clipping give NaN for NaN. The stock kernels give 0 and the lower bound, so that an attack
 * by a gradient that is not a number would pass for one that found nothing.
 */
export function registerNotNumbers(): void {
  for (const name of [tf.Sign, tf.ClipByValue]) {
    const stock = stockKernel(name);
    registerComposed(name, ({ x }: { readonly x: tf.Tensor }, attributes: object) => {
      const value = stock({ x }, attributes);
      return x.dtype === "float32" ? tf.where(tf.isNaN(x), NaN, value) : value;
    });
  }
}
