/**
 * How a report looks: plain type, light and dark, wide and narrow. Nothing is loaded.
 *
 * @module
 */

/** The report's style sheet. */
export const style = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60666c; --line: #d9dce0; --paper: #fff;
  --panel: #f5f6f7; --accent: #1f6feb; --miss: #cf3f24; --shade: .7; --warn: #7a4a00; --warn-fill: #fff4dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e9; --soft: #a0a6ad; --line: #383d43;
  --paper: #15181b; --panel: #1d2125; --accent: #6ea8fe; --miss: #ff8a70; --shade: .6; --warn: #f0c674;
  --warn-fill: #33291a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
p { max-width: 46rem; margin: .5rem 0 1rem; }
.lead { color: var(--soft); margin: .35rem 0 0; font-size: .85rem; max-width: none; overflow-wrap: anywhere; }
.verdict { font-size: 1.15rem; max-width: 52rem; margin: 1.5rem 0 0; text-wrap: pretty; }
header .results { margin-top: 1.75rem; }
ul.warnings { margin: 1.5rem 0 0; max-width: 52rem; font-size: .95rem; overflow-wrap: anywhere; padding: .75rem 1rem .75rem 2rem; background: var(--warn-fill);
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
.results.dense td, .results.dense th { padding-top: .3rem; }
.results.dense thead th { white-space: normal; vertical-align: bottom; }
.results.dense td { min-width: 5.5rem; }
.results td.plain { background: none; min-width: 0; padding-bottom: .55rem; }
.results td.empty { background: none; }
.results th:first-child { position: sticky; left: 0; z-index: 1; background: var(--paper); }
.results b { font-size: 1.1rem; font-weight: 600; display: block; }
.results small { display: block; color: var(--soft); font-size: .8rem; white-space: nowrap; }
.results .knows { white-space: normal; font-weight: 400; max-width: 24rem; }
.charts.ladder { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); margin-top: 1.5rem; }
.charts.ladder .layer_1_marks { color: var(--ink); }
.results .paper { font-style: italic; }
.empty { color: var(--soft); }
td.number { white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem 1.5rem; }
.charts.maps { grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); }
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
.confusions { grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 1.75rem; }
.confusion { max-width: 24rem; margin-top: .5rem; }
.confusion .frame { fill: none; stroke: var(--line); }
.confusion .hit { fill: var(--accent); } .confusion .miss { fill: var(--miss); }
.confusion .hit, .confusion .miss { fill-opacity: calc(.06 + var(--share) * var(--shade)); }
.confusion text { fill: var(--ink); text-anchor: middle; font-variant-numeric: tabular-nums; }
.confusion text.row { text-anchor: end; }
.confusion text.column { text-anchor: start; }
ol.confused { margin: .5rem 0 0; padding: 0; list-style: none; font-size: .85rem; color: var(--soft); }
p.confused { margin: .5rem 0 0; font-size: .85rem; color: var(--soft); }
a { color: var(--accent); }
@media (max-width: 40rem) { body { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.35rem; }
  .verdict { font-size: 1.05rem; } th, td { padding: .5rem; } thead th { white-space: normal; vertical-align: bottom; }
  .results td { min-width: 4.6rem; } .stacked small { white-space: normal; }
  .results.dense thead th { font-size: .8rem; } .results.dense th[scope="row"] { max-width: 8rem; overflow-wrap: break-word; }
  .stacked, .stacked tbody, .samples, .samples tbody { display: block; min-width: 0; }
  .stacked thead, .samples thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  .stacked tr, .samples tr { display: grid; border-bottom: 1px solid var(--line); padding: .6rem 0; }
  .stacked tr { grid-template-columns: repeat(auto-fill, minmax(6.4rem, 1fr)); gap: .25rem .75rem; }
  .stacked th[scope="row"], .samples th[scope="row"] { grid-column: 1 / -1; position: static; z-index: auto; border: 0;
    padding: 0 0 .2rem; } .stacked th[scope="row"] { font-weight: 600; }
  .stacked td, .stacked td.plain { border: 0; padding: 0 0 .5rem; min-width: 0; overflow-wrap: anywhere;
    background-position: 0 100%, 0 100%; background-size: calc(100% * var(--share, 0)) 3px, 100% 3px; }
  .stacked td::before, .samples [data-label]::before { content: attr(data-label); display: block;
    font-size: .8rem; color: var(--soft); }
  .stacked td.plain { grid-column: 1 / -1; display: grid; grid-template-columns: 7.5rem 1fr; align-items: baseline; }
  .samples tr { grid-template-columns: repeat(4, 1fr); gap: .5rem; }
  .samples.drawn-on tr { grid-template-columns: repeat(2, 1fr); }
  .samples.drawn-on tr.maps { grid-template-columns: repeat(4, 1fr); }
  .samples .maps th[scope="row"] { grid-column: auto; } .samples .maps td:empty { display: none; }
  .samples td, .samples .maps td { padding: 0; } .samples span { overflow-wrap: anywhere; }
  .samples th .drawn { max-width: 10rem; } }
@media print { details { display: none; } body { max-width: none; } }
`;
