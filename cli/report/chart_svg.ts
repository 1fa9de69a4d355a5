/**
 * Plots as SVG that takes its colours from the page, drawn without a browser.
 *
 * @module
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** How axes of a report look. */
export const axis = {
  labelColor: "currentColor",
  titleColor: "currentColor",
  tickColor: "currentColor",
  domain: false,
  gridColor: "currentColor",
  gridOpacity: 0.12,
  tickOpacity: 0,
  labelFontSize: 11,
  labelOpacity: 0.75,
  titleOpacity: 0.75,
  titleFontWeight: "normal",
  titleFontSize: 11,
  tickCount: 4,
} as const;

/**
 * Draws a plot.
 *
 * @param spec In the words of vega-lite; background, font and frame are set here
 * @returns An `<svg>` element without a size, to be put into a page that describes it
 */
export async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const whole: TopLevelSpec = {
    padding: 2,
    autosize: { type: "fit", contains: "padding" },
    ...spec,
    config: { background: "transparent", font: "inherit", view: { stroke: null } },
  };
  const view = new View(parse(compile(whole).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  // The page gives the size and the description; names of XML are of no use inside HTML.
  const viewBox = /viewBox="[^"]*"/.exec(svg)?.[0] ?? "";
  return svg.replace(/^<svg[^>]*>/, `<svg aria-hidden="true" ${viewBox}>`);
}
