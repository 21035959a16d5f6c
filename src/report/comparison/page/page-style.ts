/** The styles of a comparison page: light and dark, from a width of 320 pixels, and for print. */
export const PAGE_STYLE = `
:root {
  color-scheme: light;
  --bg: #ffffff; --card: #f5f7f9; --text: #1c2733; --muted: #55626f; --line: #d5dce3;
  --right: #1f6feb; --wrong: #d1490b; --on-strong: #ffffff; --best: #0b6b3a;
  --series-0: #0a66c2; --series-1: #d1490b; --series-2: #16805a; --series-3: #8a3fb5;
  --series-4: #9a7400; --series-5: #c2185b; --series-6: #007c91; --series-7: #6d4c41;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --bg: #12181f; --card: #1b232c; --text: #e6ebf0; --muted: #a3b0bd; --line: #37434f;
    --right: #5ea5ff; --wrong: #ff8f57; --on-strong: #0d1217; --best: #5fd39b;
    --series-0: #6cb3ff; --series-1: #ff9a62; --series-2: #58cf9b; --series-3: #cf97f5;
    --series-4: #e3bf4b; --series-5: #ff86b3; --series-6: #4bcbe0; --series-7: #c9a698;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1120px; padding: 20px 16px 48px;
  background: var(--bg); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 1.2rem; margin: 40px 0 4px; }
p { margin: 4px 0 12px; }
p, li, figcaption, small, h3 { overflow-wrap: anywhere; }
.note, figcaption, small { color: var(--muted); font-size: .875rem; }
small { display: block; font-weight: normal; line-height: 1.35; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 7px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { text-align: left; }
thead th, td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.best { color: var(--best); font-weight: 700; }
.key { display: inline-flex; align-items: baseline; gap: 6px; overflow-wrap: anywhere; }
.key::before {
  content: ""; flex: none; width: 11px; height: 11px; border-radius: 3px; background: var(--own);
}
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; padding: 0; margin: 4px 0 8px; list-style: none; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 20px; }
figure { margin: 0; min-width: 0; }
figure svg { display: block; max-width: 100%; height: auto; }
figure h3 { font-size: 1rem; margin: 0 0 4px; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; }
.images figure { background: var(--card); border-radius: 8px; padding: 10px; }
.images img { display: block; width: 96px; height: auto; image-rendering: pixelated; margin-bottom: 6px; }
.images figcaption { line-height: 1.4; color: var(--text); }
.file { margin: 0 0 20px; }
.file h3 { font-size: 1rem; margin: 0; }
.file p { margin: 2px 0 6px; }
pre {
  margin: 6px 0 0; padding: 10px 12px; background: var(--card); border-radius: 8px;
  white-space: pre-wrap; font: .8125rem/1.5 ui-monospace, Menlo, Consolas, monospace;
}
.call { display: block; padding-left: 2ch; text-indent: -2ch; }
.word { display: inline-block; text-indent: 0; max-width: 100%; vertical-align: top; overflow-wrap: anywhere; }
.own-key { display: none; }
.against small { white-space: normal; }
@media screen and (max-width: 860px) {
  /* A metric's name is above its numbers, each with its net, on as many lines as necessary. */
  thead { display: none; }
  tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); column-gap: 12px; border-bottom: 1px solid var(--line); padding: 4px 0 7px; }
  th, td { border: 0; padding: 2px 0; }
  td { display: flex; gap: 8px; text-align: left; font-weight: normal; }
  tbody th { grid-column: 1 / -1; }
  .against tr { grid-template-columns: 1fr; }
  .against .own-key { flex: none; width: 5em; }
  .own-key { display: inline; color: var(--muted); font-weight: normal; }
}
@media (max-width: 480px) {
  .images { grid-template-columns: repeat(2, 1fr); }
}
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, tr, .file { break-inside: avoid; }
  h2, section > p, .legend { break-inside: avoid; break-after: avoid; }
  .charts { grid-template-columns: repeat(2, 1fr); }
  .images { grid-template-columns: repeat(4, 1fr); }
}
`;
