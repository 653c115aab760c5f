export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f7, #131716);
  --card: light-dark(#ffffff, #1b201f);
  --ink: light-dark(#17201e, #e8edeb);
  --quiet: light-dark(#55625f, #9aa8a4);
  --line: light-dark(#dfe4e3, #2d3533);
  --accent: light-dark(#0f766e, #5fd0c2);
  --chosen: light-dark(#e3f1ef, #1d3330);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: var(--page); color: var(--ink); }
button, input { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.quiet { color: var(--quiet); }
.bar { display: flex; align-items: center; gap: 12px; padding: 12px 20px; border-bottom: 1px solid var(--line); background: var(--card); }
.bar h1 { margin: 0; font-size: 18px; font-weight: 650; letter-spacing: -0.01em; }
.bar p { margin: 0; font-size: 13px; white-space: nowrap; }
.search { flex: 1; max-width: 420px; margin-left: auto; }
input { width: 100%; padding: 7px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--page); }
.plain { padding: 7px 12px; border: 1px solid var(--line); border-radius: 8px; background: none; cursor: pointer; white-space: nowrap; }
.plain:hover, .row:hover { background: var(--chosen); }
main { flex: 1; display: grid; grid-template-columns: minmax(280px, 380px) 1fr; min-height: 0; }
.list { overflow: auto; border-right: 1px solid var(--line); background: var(--card); }
.row { display: grid; grid-template-columns: 1fr auto; gap: 0 12px; padding: 12px 20px; border-bottom: 1px solid var(--line); color: inherit; text-decoration: none; }
.row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row[aria-current] { background: var(--chosen); box-shadow: inset 3px 0 var(--accent); }
.row:focus-visible { outline-offset: -2px; }
.row .subject, .row .snippet { grid-column: 1 / -1; }
.row .subject { font-weight: 500; }
.row.unread .subject, .row.unread .to { font-weight: 700; }
.row .to, .row time, .row .snippet { font-size: 13px; }
.row time, .row .snippet { color: var(--quiet); }
.message { display: flex; flex-direction: column; min-width: 0; min-height: 0; overflow: auto; }
.message:focus { outline: none; }
.head { padding: 20px 24px 12px; }
.head h2 { margin: 0 0 8px; font-size: 20px; line-height: 1.3; overflow-wrap: anywhere; }
.head dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0; font-size: 14px; }
.head dt { color: var(--quiet); }
.head dd { margin: 0; overflow-wrap: anywhere; }
.tools { display: flex; flex-wrap: wrap; gap: 8px; padding: 0 24px 12px; align-items: center; }
.tools a, .tools .plain { font-size: 14px; }
.tools a { color: var(--accent); padding: 7px 4px; }
.tabs { display: flex; gap: 2px; padding: 2px; border: 1px solid var(--line); border-radius: 8px; }
.tabs button { padding: 4px 12px; border: 0; border-radius: 6px; background: none; cursor: pointer; font-size: 14px; }
.tabs [aria-selected="true"] { background: var(--chosen); font-weight: 600; }
.spacer { flex: 1; }
.frame { flex: 1; display: flex; min-height: 320px; margin: 0 24px 24px; border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
iframe { flex: 1; border: 0; background: #fff; color-scheme: light; }
pre { margin: 0 24px 24px; padding: 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); font: 14px/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.empty { margin: auto; padding: 40px 24px; max-width: 36ch; text-align: center; color: var(--quiet); text-wrap: balance; }
.back { display: none; }
@media (max-width: 720px) {
  .bar { flex-wrap: wrap; padding: 12px 16px; }
  .bar p { flex: 1; }
  .search { order: 1; flex-basis: 100%; max-width: none; }
  input { font-size: 16px; }
  main { grid-template-columns: 1fr; }
  .list { border-right: 0; }
  .row { padding: 12px 16px; }
  body:not(.open) .message, body.open .list, body.open .search, body.open #clear { display: none; }
  .back { display: inline-block; }
  .head { padding: 16px 16px 12px; }
  .tools { padding: 0 16px 12px; }
  .frame, pre { margin: 0 16px 16px; }
}
@media (prefers-reduced-motion: no-preference) { .row, .plain { transition: background-color 120ms; } }
`;
