/** The style sheet of HTML reports: light and dark, and nothing that is told by colour alone. */

export const HTML_STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--box:#f6f8fa;--link:#0b5cad;--good:#00674b;--bad:#b03a00;--unsure:#7a5600}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--ink:#e8ebef;--soft:#a3adb8;--line:#2f3842;--box:#1a2028;--link:#7cc0f5;--good:#2fc79b;--bad:#ff9d66;--unsure:#e6b84d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.5rem;margin:0 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 1rem}
h3{font-size:1rem;margin:0 0 .75rem;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;margin:0;padding:0}
pre{margin:0;padding:.75rem 1rem;overflow-x:auto;border-radius:6px;background:var(--box);font:13px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.summary{margin-bottom:1rem;white-space:pre-wrap;overflow-wrap:anywhere}
article{margin:0 0 2rem;padding:1rem;border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:6px}
article:has(.mark.unsure){border-left:4px double var(--unsure)}
details{margin:0 0 .5rem;padding:.5rem 1rem;border:1px solid var(--line);border-radius:6px}
summary{cursor:pointer;overflow-wrap:anywhere}
figure{margin:1rem 0 0}
figure div{overflow-x:auto}
figure svg{display:block;min-width:560px;border:1px solid var(--line);border-radius:6px}
figcaption{margin-top:.5rem;color:var(--soft);font-size:.875rem}
.soft{color:var(--soft);font-weight:400}
.mark{display:inline-block;min-width:1em;font-weight:700;text-align:center}
.good>.mark,.mark.good,td.good{color:var(--good)}
.bad .mark,.mark.bad{color:var(--bad)}
.unsure .mark,.mark.unsure{color:var(--unsure)}
td.bad{font-weight:700}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;color:var(--soft);padding-bottom:.5rem}
th,td{padding:.3rem .75rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{border-bottom:2px solid var(--soft)}
tbody th{font-weight:400;min-width:12rem;overflow-wrap:anywhere}
td{white-space:nowrap}
@media print{body{max-width:none}details>*{display:block}}
`;
