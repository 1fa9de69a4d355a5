/**
 * The stage `export` for the format "web": a page that attacks and restores images in a browser.
 *
 * @module
 */
import { HeldTensors, type Images, imagesOf, picturesOf, resizeImages } from "@realign/core";
import * as tf from "@realign/core/tf";
import { encodePng, subset } from "@realign/datasets";
import type { FrozenFunction, OpenedModel } from "@realign/interop";
import type { EmbeddedSample, PageContent } from "../page/content.ts";
import { pack } from "../page/pack.ts";
import { pageFunction } from "../page/page_function.ts";
import { freezePage, openPageGraph, writePageGraph } from "../page/page_graph.ts";
import { pageMarkup } from "../page/page_markup.ts";
import { viewOf } from "../page/view_of.ts";
import { cssColour } from "../report/overlays.ts";
import { withMarks } from "../report/warnings.ts";
import { readEvaluation } from "../runs/evaluation_file.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Output } from "../terminal/output.ts";
import { compareExport, type Comparison } from "./compare_export.ts";
import { comparedText, type ExportedModel } from "./export.ts";
import { exportFacts } from "./export_facts.ts";
import { openFunction } from "./exported_function.ts";
import { chooseExamples } from "./samples.ts";
import { legendOf } from "./shown.ts";
import type { Workbench } from "./workbench.ts";

/** The file. */
const PAGE = "index.html";

/** Test images on which the page's graph is compared with the run. */
const COMPARED = 3;

/** Numbers of a restored image by which a browser checks its engine. */
const CHECKED = 256;

/** In 255ths: the slider's largest. */
const MOST_EPSILON = 32;

/**
 * Writes a page in memory, reads its graph back and compares it with the run's own networks.
 *
 * @param size `[H, W]` of the images. Default: the dataset's
 * @param bench The run's preset, target and data
 * @param store The run
 * @param output For progress
 * @returns One file; nothing is on the disk yet
 * @throws {Error} One line, if the run has no trained defense, or cannot be written
 */
export async function exportPage(
  size: readonly [number, number] | undefined,
  bench: Workbench,
  store: RunStore,
  output: Output,
): Promise<ExportedModel> {
  const { preset, test } = bench;
  const measured = await readEvaluation(store);
  const evaluation = measured && withMarks(measured);
  const facts = exportFacts(store, measured, "system", bench.images.classNames);
  using stack = new DisposableStack();
  const system = await openFunction("system", bench, store, stack, output);
  const target = await openFunction("target", bench, store, stack, output);
  using held = new HeldTensors();
  const samples = await readSamples(bench, size ?? test.size);
  const images = held.keep(imagesOf([samples[0].picture]));
  const outputs = held.keep(tf.tidy(() => cloned(target(images))));
  const colours = legendOf(bench.images).map(({ colour }) => cssColour(colour));
  const view = viewOf(outputs, bench.images.classNames, colours);
  const compute = pageFunction({ target, system, outputs: view.outputs });
  const reference = outputs[view.outputs[0]];
  const frozen: FrozenFunction = {
    graph: freezePage(compute, { images, reference }),
    compute: (images) => compute({ images, reference: target(images)[view.outputs[0]] }),
    layout: "nhwc",
    batch: 1,
  };
  const files = writePageGraph(frozen.graph);
  using model = await openPageGraph(files, `target.${view.outputs[0]}`);
  const shape = images.shape.slice(1, 3) as [number, number];
  const compared = await compareImages(model, frozen, bench, shape);
  const content: PageContent = {
    size: shape,
    view,
    samples: samples.map(({ embedded }) => embedded),
    check: await checkOf(compute, images, reference),
    seed: preset.seed,
    epsilon: Math.min(MOST_EPSILON, Math.max(1, Math.round(255 * preset.attack.epsilon))),
  };
  // Two megabytes that no other command needs.
  const { readLibraries } = await import("../page/libraries.ts");
  const { pageScript, workerScript } = await import("../page/scripts.ts");
  const packed = {
    ...await readLibraries(),
    model: files.get("model.json")!,
    weights: files.get("weights.bin")!,
  };
  const texts = await Promise.all(
    Object.entries(packed).map(async ([name, bytes]) => [name, await pack(bytes)] as const),
  );
  const page = pageMarkup({
    ...{ facts, evaluation, content, checked: comparedText({ compared }) },
    scripts: { page: pageScript(), worker: workerScript() },
    packed: Object.fromEntries(texts),
  });
  const warnings = [
    `the page holds ${samples.length} test images of ${preset.dataset.name}, and the weights of target and defense: mind their licences before you pass it on`,
    ...facts.warnings,
  ];
  return { files: new Map([[PAGE, new TextEncoder().encode(page)]]), batch: 1, compared, warnings };
}

/** A network may return what it was given: clones outlive a tidy. */
function cloned(outputs: tf.NamedTensorMap): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(outputs).map(([name, one]) => [name, tf.clone(one)]));
}

/** The examples that a report shows, as pictures of the page's size. */
async function readSamples({ preset, task, test }: Workbench, size: readonly [number, number]) {
  const chosen = await chooseExamples(test, task, preset.seed);
  return await Promise.all(chosen.map(async ({ index, truth }) => {
    const { id, picture: original } = await test.read(index);
    using held = new HeldTensors();
    const resized = held.keep(
      tf.tidy(() => tf.clone(resizeImages(imagesOf([original]), size))),
    );
    const [picture] = await picturesOf(resized);
    const image = `data:image/png;base64,${(await encodePng(picture)).toBase64()}`;
    const embedded: EmbeddedSample = { id, truth, image };
    return { picture, embedded };
  }));
}

/** Numbers by which a browser sees whether it computes the same. */
async function checkOf(
  compute: ReturnType<typeof pageFunction>,
  images: Images,
  reference: tf.Tensor,
): Promise<PageContent["check"]> {
  using held = new HeldTensors();
  const names = ["restored", "system.gradient"];
  const inputs = { images, reference: held.keep(tf.neg(reference)) };
  const results = held.keep(tf.tidy(() => cloned(compute(inputs))));
  const [restored, gradient] = await Promise.all(names.map((name) => results[name].data()));
  const stride = Math.ceil(images.size / CHECKED);
  const some = (values: ArrayLike<number>) => Array.from(values).filter((_, k) => k % stride === 0);
  return { stride, restored: some(restored), gradient: some(gradient) };
}

/** Compares image by image: a page takes one at a time. */
async function compareImages(
  model: OpenedModel,
  frozen: FrozenFunction,
  { test }: Workbench,
  size: readonly [number, number],
): Promise<Comparison> {
  const differences: Record<string, number> = {};
  for (let index = 0; index < Math.min(COMPARED, test.length); index++) {
    const one = await compareExport(model, frozen, subset(test, [index]), size);
    for (const [name, value] of Object.entries(one.differences)) {
      differences[name] = Math.max(differences[name] ?? 0, value);
    }
  }
  return { batches: [1], differences };
}
