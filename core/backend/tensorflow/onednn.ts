/**
 * Has TensorFlow compute by oneDNN.
 *
 * @module
 */

/**
 * Turns oneDNN on wherever it was built in, unless the user has decided.
 *
 * By itself TensorFlow takes it only on CPUs with AVX512-VNNI. With AVX2 alone, its kernels are faster than
 * Eigen's too: training took 1.5 to 2.4 times as many steps a second on an AMD EPYC with two cores. TensorFlow
 * reads the variable when it first looks for kernels, so it has to be set before the library is opened.
 *
 * @param arch Of the machine; elsewhere than on x86-64, TensorFlow's own choice stands
 */
export function enableOneDnn(arch: string = Deno.build.arch): void {
  const name = "TF_ENABLE_ONEDNN_OPTS";
  if (arch !== "x86_64" || Deno.env.get(name) !== undefined) return;
  Deno.env.set(name, "1");
}
