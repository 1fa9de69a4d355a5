/**
 * The stage `certify`: certificates of a run's images.
 *
 * @module
 */
import { type AnySystems, createEvaluationBatches, createRandom, HeldTensors } from "@realign/core";
import {
  certifiedAccuracy,
  certifyImage,
  createClassCounter,
  smoothingRefusal,
  type SmoothingSettings,
} from "@realign/core/certify";
import * as tf from "@realign/core/tf";
import { subset } from "@realign/datasets";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../system/failure.ts";
import { readEnvironment } from "../system/environment.ts";
import type { Output } from "../terminal/output.ts";
import {
  type Certification,
  type CertifiedExample,
  readCertification,
  saveCertification,
} from "../runs/certificate_file.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";

/** Radii of tables, in L2 norm. */
export const RADII = [0, 0.25, 0.5, 0.75, 1] as const;

/** How a run is certified. */
export interface CertifyRequest {
  readonly settings: SmoothingSettings;
  /** Number of images; 0 for all. */
  readonly examples: number;
  /** Whether certificates of other settings may be replaced. */
  readonly replace: boolean;
  readonly threads: number;
}

/** Fails with one line if a task or a system cannot be certified. */
export function assertCertifiable(bench: Workbench, systems: AnySystems): void {
  const refusal = smoothingRefusal(bench.task, systems.list);
  if (refusal !== undefined) throw new UsageError(refusal);
}

/**
 * Certifies images of a run, drawn by its seed, one after the other. Each finished image is saved, so that a stopped
 * command goes on with the next one, and more images can be added later.
 *
 * @param bench O with its weights, and the data
 * @param systems O alone, and what else is certified
 * @param store The run
 * @param request Noise, number of images
 * @param output For progress; its warnings are part of the result
 * @returns All that is certified
 * @throws {UsageError} If other certificates would be lost
 */
export async function certify(
  bench: Workbench,
  systems: AnySystems,
  store: RunStore,
  { settings, examples, replace, threads }: CertifyRequest,
  output: Output,
): Promise<Certification> {
  const { preset, task, test } = bench;
  const { interruption: { signal } } = output;
  const plan = await planOf(bench, systems, store, settings);
  const kept = await readCertification(store);
  const isSame = kept !== undefined && isDeepStrictEqual(plan, planIn(kept));
  if (kept && !isSame && !replace) throw new UsageError(otherSettings(store, kept));
  const finished: CertifiedExample[] = isSame ? [...kept.examples] : [];
  const wanted = Math.max(Math.min(examples || test.length, test.length), finished.length);
  if (examples > test.length) {
    output.note(`the ${test.split} split that this run measures has ${test.length} images`);
  }
  const begun = performance.now();
  const before = isSame ? kept.seconds : 0;
  const environment = { ...await readEnvironment(threads) };
  const resultNow = (): Certification => ({
    version: 1,
    preset: preset.name,
    task: preset.task,
    ...plan,
    wanted,
    examples: finished,
    results: Object.fromEntries(plan.systems.map(({ name }) => {
      const own = finished.map(({ label, certificates }) => ({ label, ...certificates[name] }));
      return [name, certifiedAccuracy(own, RADII)];
    })),
    warnings: output.warnings,
    environment,
    seconds: Number((before + (performance.now() - begun) / 1000).toFixed(1)),
  });
  if (isSame && finished.length === wanted) {
    if (kept.wanted !== wanted) await saveCertification(store, { ...kept, wanted });
    return { ...kept, wanted };
  }
  using counter = createClassCounter({
    task,
    systems: systems.list,
    size: test.size,
    batchSize: preset.evaluation.batchSize,
    sigma: settings.sigma,
    signal,
  });
  const order = createRandom(preset.seed, "certify", "order").permutation(test.length);
  const chosen = order.slice(0, wanted);
  const drawn = subset(test, [...chosen]);
  const batches = createEvaluationBatches(drawn, task, { batchSize: 1, start: finished.length });
  const perImage = settings.selectionDraws + settings.draws;
  const total = perImage * wanted;
  let latest: Certification | undefined;
  using progress = output.progress.start("certify", total, "draws", perImage * finished.length);
  for await (const { images: image, labels, ids: [id] } of batches) {
    using held = new HeldTensors();
    held.keep([image, labels as tf.TensorContainer]);
    const [label] = await held.keep(tf.tidy(() => tf.clone(task.classOf!(labels)))).data();
    const index = chosen[finished.length];
    const told = { image, index, seed: preset.seed };
    const certificates = await certifyImage(counter, told, settings, (done) => {
      const place = `image ${finished.length + 1} of ${wanted}`;
      progress.update(perImage * finished.length + done, place);
    });
    const named = certificates.map((one, system) => [systems.list[system].name, one]);
    finished.push({ index, id, label, certificates: Object.fromEntries(named) });
    latest = resultNow();
    await saveCertification(store, latest);
  }
  return latest!;
}

/** What certificates depend on: with the same, those that are there stay. */
type Plan = Pick<
  Certification,
  "dataset" | "target" | "generator" | "seed" | "settings" | "systems"
>;

async function planOf(
  bench: Workbench,
  { list }: AnySystems,
  store: RunStore,
  settings: SmoothingSettings,
): Promise<Plan> {
  const { preset, test, images } = bench;
  const final = await store.checkpoints.final("train");
  return {
    dataset: {
      name: preset.dataset.name,
      split: test.split,
      digest: images.digest,
      count: images.length,
    },
    target: { architecture: preset.target.architecture, digest: await bench.digestTarget() },
    generator: final?.metadata.sha256 ?? null,
    seed: preset.seed,
    settings,
    systems: list.map(({ name, title, defense }) => ({
      name,
      title,
      ...(defense?.version !== undefined && { version: defense.version }),
    })),
  };
}

function planIn({ dataset, target, generator, seed, settings, systems }: Certification): Plan {
  return { dataset, target, generator, seed, settings, systems };
}

/** Why other certificates are not touched. */
function otherSettings({ id }: RunStore, { settings, examples, systems }: Certification): string {
  const { sigma, draws, selectionDraws, alpha } = settings;
  const names = systems.map(({ name }) => name).join(", ");
  return `Cannot certify ${id} as its certificate.json was made with other settings, images or weights (${examples.length} images, sigma ${sigma}, ${selectionDraws} and ${draws} draws, alpha ${alpha}, systems ${names}): add --replace to lose it`;
}
