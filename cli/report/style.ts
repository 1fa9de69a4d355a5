/**
 * How a report looks: plain type, light and dark, wide and narrow. Nothing is loaded.
 *
 * @module
 */

/** The report's style sheet. */
export const style = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60666c; --line: #d9dce0; --paper: #fff;
  --panel: #f5f6f7; --accent: #1f6feb; --warn: #8a5300; --warn-fill: #fff4dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e9; --soft: #a0a6ad; --line: #383d43;
  --paper: #15181b; --panel: #1d2125; --accent: #6ea8fe; --warn: #f0c674;
  --warn-fill: #33291a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
p { max-width: 46rem; margin: .5rem 0 1rem; }
.lead { color: var(--soft); margin: .35rem 0 0; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1rem 1.5rem;
  margin: 1.75rem 0 0; }
.facts div { border-top: 2px solid var(--line); padding-top: .5rem; }
.facts dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.facts dd small { display: block; font-size: .85rem; color: var(--soft); }
ul.warnings { margin: 2rem 0 0; padding: .75rem 1rem .75rem 2rem; background: var(--warn-fill);
  color: var(--warn); border-radius: 6px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 100%; }
p.caption { color: var(--soft); font-size: .9rem; margin-bottom: .4rem; }
th, td { padding: .55rem .75rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; }
thead th { font-size: .9rem; color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 500; }
.results td { min-width: 6.5rem; padding-bottom: .8rem; background:
  linear-gradient(var(--accent), var(--accent)) .75rem calc(100% - .3rem) / calc((100% - 1.5rem) * var(--share, 0)) 3px no-repeat,
  linear-gradient(var(--line), var(--line)) .75rem calc(100% - .3rem) / calc(100% - 1.5rem) 3px no-repeat; }
.samples.drawn-on { max-width: none; }
.results.classes { table-layout: fixed; }
.results.classes td, .results.classes th { padding-top: .3rem; }
.results td.empty { background: none; }
.results th[scope="row"] { position: sticky; left: 0; background: var(--paper); }
.results b { font-size: 1.1rem; font-weight: 600; display: block; }
.results small { display: block; color: var(--soft); font-size: .8rem; white-space: nowrap; }
.results .paper { font-style: italic; }
.empty { color: var(--soft); }
td.number { white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem 1.5rem; }
figure { margin: 0; min-width: 0; }
.charts figcaption { font-size: .9rem; font-weight: 500; }
.charts svg { display: block; width: 100%; height: auto; }
.charts .role-mark { color: var(--accent); }
.samples { table-layout: fixed; width: 100%; max-width: 54rem; min-width: 32rem; }
.samples thead th { white-space: normal; vertical-align: bottom; }
.samples td, .samples th { border: 0; padding: .35rem .6rem .6rem 0; }
.samples img { display: block; width: 100%; aspect-ratio: var(--ratio); image-rendering: pixelated;
  border-radius: 4px; background: var(--panel); }
.samples span { display: block; font-size: .85rem; padding-top: .25rem; }
.samples .maps td, .samples .maps th { padding-bottom: 1.4rem; }
.drawn { position: relative; }
.drawn svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.boxes rect { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.boxes text { font-size: 13px; font-weight: 600; stroke: #fff; stroke-width: 3px; paint-order: stroke; }
ul.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0 0 1rem; padding: 0; list-style: none;
  font-size: .85rem; color: var(--soft); }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px;
  border: 1px solid var(--line); vertical-align: -.05em; }
.samples .wrong { color: var(--warn); }
.samples th[scope="row"] { font-weight: 400; font-size: .85rem; color: var(--soft);
  overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); padding: .75rem 0; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 500; }
pre { overflow-x: auto; background: var(--panel); padding: 1rem; border-radius: 6px;
  font: .82rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 40rem) { body { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.35rem; }
  .results td { min-width: 5.6rem; } th, td { padding: .5rem; } }
@media print { details { display: none; } body { max-width: none; } }
`;
