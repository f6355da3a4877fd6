/** What the pages and pictures of reports have in common. Nothing is loaded from elsewhere. */

export const escapeXml = (text: string): string =>
  text.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c] ?? c);

/** Colours of light and dark pages, also for an SVG that is opened by itself. */
export const COLOURS = `
:root, svg { --page: #ffffff; --ink: #1c2733; --faint: #5b6875; --line: #d8dee4;
  --c0: #2f6fb0; --c1: #c2611f; --c2: #2e8b57; --c3: #8a4fa3; --c4: #7a6a00; }
@media (prefers-color-scheme: dark) {
  :root, svg { --page: #14191f; --ink: #e6ebf0; --faint: #9aa7b4; --line: #333d47;
    --c0: #6aa9e9; --c1: #f09a5b; --c2: #66c795; --c3: #c58fdd; --c4: #d6c34a; }
}`;

export const PAGE_STYLE = `${COLOURS}
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  margin: 2rem auto; padding: 0 1rem; max-width: 76rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
p, ul { margin: .3rem 0; color: var(--faint); } code { color: var(--ink); overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; }
th { font-weight: 600; } .n { text-align: right; }`;
