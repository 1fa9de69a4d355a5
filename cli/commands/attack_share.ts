/**
 * `realign attack RUN --worker i/n`: a share of the adversarial images that a generator is trained on.
 *
 * @module
 */
import type { Share } from "@realign/core/shares";
import { hasPreset } from "../presets/choose_preset.ts";
import { UsageError, withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { assertCacheable, shareAttackCache } from "../stages/attack_cache.ts";
import type { Output } from "../terminal/output.ts";
import { resumeRun } from "./open_run.ts";
import type { Context, WorkOptions } from "./options.ts";
import { tellShare } from "./shares.ts";

/**
 * Makes a share; other workers may do so at the same time, and the run stays as it is.
 *
 * @throws {UsageError} If there is no run whose O is trained
 */
export async function shareAttack(
  name: string,
  options: WorkOptions,
  share: Share,
  context: Context,
  output: Output,
): Promise<void> {
  if (await hasPreset(name, options.plugin)) {
    throw new UsageError(
      `Cannot share the attack of ${name} as workers must have one O: train it with realign train-target ${name}, then give its run`,
    );
  }
  using run = await resumeRun(name, options, context, output, { readOnly: true });
  const { bench, store } = run;
  assertCacheable(bench.preset, options.cache);
  const final = await store.checkpoints.final("train-target");
  if (!final) {
    throw new UsageError(
      `Cannot share the attack of ${store.id} as its O is not trained: run realign train-target ${store.handle}`,
    );
  }
  bench.target.parameters.import(final.tensors, final.path);
  output.ready();
  const words = context.words.map((word) => word === "latest" ? store.word : word);
  const images = await withContinuation(
    () => shellLine(words),
    () => shareAttackCache(bench, options.cache, share, output, store.record.steps.train),
  );
  tellShare(share, { images }, `${images} adversarial images are kept`, words, output);
}
