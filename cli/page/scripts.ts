/**
 * The page's two programs: what runs in the page, and what runs in its worker.
 *
 * @module
 */
import postProcess from "@realign/detection/post-process" with { type: "text" };
import answers from "./browser/answers.ts" with { type: "text" };
import classes from "./browser/classes.ts" with { type: "text" };
import client from "./browser/client.ts" with { type: "text" };
import climb from "./browser/climb.ts" with { type: "text" };
import controls from "./browser/controls.ts" with { type: "text" };
import embedded from "./browser/embedded.ts" with { type: "text" };
import engines from "./browser/engines.ts" with { type: "text" };
import figures from "./browser/figures.ts" with { type: "text" };
import gradientOperations from "./browser/gradient_operations.ts" with { type: "text" };
import labelMap from "./browser/label_map.ts" with { type: "text" };
import main from "./browser/main.ts" with { type: "text" };
import network from "./browser/network.ts" with { type: "text" };
import pixels from "./browser/pixels.ts" with { type: "text" };
import worker from "./browser/worker.ts" with { type: "text" };
import { linkScript } from "./link.ts";

/** Runs in the page. */
export function pageScript(): string {
  const sources = [
    ...[pixels, classes, labelMap, postProcess, answers, figures],
    ...[embedded, client, engines, controls, main],
  ];
  return linkScript(sources, "startPage();");
}

/** Runs in the worker. */
export function workerScript(): string {
  const sources = [climb, gradientOperations, network, engines, worker];
  return linkScript(sources, "serveWorker(self);");
}
