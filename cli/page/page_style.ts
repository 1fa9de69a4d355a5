/**
 * How an exported page looks, besides the rules that it shares with reports.
 *
 * @module
 */

/** CSS. */
export const pageStyle = `
main > section, main > form { margin-top: 2rem; }
h2:first-child { margin-top: 0; }
.lead + p { margin-top: 1rem; }
#status { min-height: 3em; margin: 1rem 0 0; max-width: none; }
#problem { color: var(--miss); font-weight: 600; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
button, select, input { font: inherit; color: inherit; }
button, select, input[type="number"] { min-height: 2.75rem; padding: .4rem .9rem; border: 1px solid var(--soft);
  border-radius: 6px; background: var(--panel); }
button { cursor: pointer; } button:disabled { opacity: .5; cursor: default; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600; }
:focus-visible, .drop:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; }
input[type="range"] { width: 100%; accent-color: var(--accent); min-height: 2rem; margin: 0; }
input[type="radio"], input[type="checkbox"] { accent-color: var(--accent); width: 1.15rem; height: 1.15rem; flex: none;
  margin: .2rem 0 0; }
.samples-list { display: flex; flex-wrap: wrap; gap: .6rem; align-items: stretch; }
.sample { padding: 3px; line-height: 0; } .sample[aria-pressed="true"] { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
.sample img { width: 4rem; height: 4rem; object-fit: contain; image-rendering: pixelated; border-radius: 3px; }
.drop { display: grid; place-items: center; text-align: center; min-height: 4.5rem; flex: 1 1 12rem; padding: .5rem 1rem; cursor: pointer;
  border: 2px dashed var(--soft); border-radius: 6px; color: var(--soft); }
.drop input { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr)); gap: 1rem 2rem; align-items: start; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; } legend, .field > label:first-child { font-weight: 600; padding: 0; margin-bottom: .3rem; }
.field > label:first-child { display: block; }
.choice { display: flex; gap: .6rem; margin: .35rem 0; } .choice small { display: block; color: var(--soft); }
.field output { float: right; font-variant-numeric: tabular-nums; }
.field small { color: var(--soft); display: block; margin-top: .3rem; overflow-wrap: anywhere; }
.field select, .field input[type="number"] { width: 100%; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin-top: 1.25rem; }
.actions progress { flex: 1 1 8rem; height: .6rem; accent-color: var(--accent); min-width: 0; }
#gain { font-size: .85rem; color: var(--soft); min-width: 13rem; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1.5rem 1.25rem; }
.figures.boxed { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
.boxes rect.halo { stroke: #fff; stroke-width: 4; stroke-opacity: .8; }
.figures h3 { margin: 0 0 .35rem; font-size: .95rem; }
.frame { position: relative; }
.frame canvas { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px; background: var(--panel); }
.frame canvas.map { margin-top: .4rem; }
.frame svg { position: absolute; left: 0; top: 0; width: 100%; aspect-ratio: var(--ratio); }
.figures .empty canvas { border: 1px dashed var(--line); }
.says { font-size: .9rem; min-height: 1.5em; } .says p { margin: .35rem 0 0; overflow-wrap: anywhere; }
.says .wrong { color: var(--miss); font-weight: 600; }
.bars { list-style: none; margin: .4rem 0 0; padding: 0; }
.bars li { display: flex; justify-content: space-between; gap: .75rem; padding: .1rem 0 .3rem; margin-bottom: .2rem;
  background: linear-gradient(var(--colour, var(--accent)), var(--colour, var(--accent))) 0 100% / calc(100% * var(--share)) 3px no-repeat,
  linear-gradient(var(--line), var(--line)) 0 100% / 100% 3px no-repeat; transition: background-size .2s; }
.bars li span { overflow-wrap: anywhere; } .bars li span:last-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
@media (max-width: 40rem) { .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.25rem .9rem; }
  .actions button { flex: 1 1 40%; } .sample img { width: 3.2rem; height: 3.2rem; } .drop { flex-basis: 100%; } }
`;
