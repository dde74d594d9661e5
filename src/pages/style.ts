/** The style of reports: light and dark as the reader's system has it, narrow and wide, and on paper. */
export const STYLE = `:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d5dae0;--card:#f6f8fa;--bar:#2f6fb5;--warn:#8a4b00;--warnbg:#fff4e0}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e4e8ec;--dim:#a0a9b4;--line:#343b44;--card:#1c2127;--bar:#6aa9ec;--warn:#f2b866;--warnbg:#2b2418}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem clamp(.75rem,3vw,2rem) 3rem;max-width:90rem;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2rem 0 .6rem}
h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
a{color:inherit;text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--bar);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:.5rem;top:.5rem;background:var(--bg);padding:.4rem}
p{margin:.4rem 0;max-width:75ch}
.dim,caption,dt{color:var(--dim)}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:.5rem 0}
dl{display:flex;flex-wrap:wrap;gap:.25rem 1.2rem;margin:.4rem 0}
dl div{min-width:0}
dt{font-size:.8rem}
dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.notes{padding-left:1.2rem;margin:.4rem 0}
.notes li{overflow-wrap:anywhere;margin:.2rem 0}
.warn{color:var(--warn);background:var(--warnbg);padding:.1rem .35rem;border-radius:3px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:1rem;align-items:start}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.8rem;min-width:0;content-visibility:auto;contain-intrinsic-size:auto 30rem}
.type{color:var(--dim);font-weight:400;margin-left:.4rem}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;width:100%;margin:.3rem 0}
caption{text-align:left;font-size:.8rem;padding:.15rem 0}
th,td{padding:.15rem .8rem .15rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--dim);font-size:.8rem;white-space:nowrap}
.n{text-align:right;white-space:nowrap;overflow-wrap:normal}
.nw{white-space:nowrap;overflow-wrap:normal}
.over th,.over td,.wide th,.wide td{min-width:4rem;max-width:22rem}
tbody th{min-width:5rem}
.over tbody th{min-width:9rem}
.over td:nth-child(2){white-space:nowrap}
.over td{overflow-wrap:normal}
.bar{display:block;height:.35rem;margin-top:.15rem;border-radius:2px;background:linear-gradient(var(--bar) 0 0) 0/var(--w) 100% no-repeat,var(--line)}
.chart{display:block;width:100%;height:auto;margin:.4rem 0}
.chart text{font:10px system-ui,sans-serif;fill:var(--dim)}
.bars{fill:var(--bar)}
.axis,.tick{stroke:var(--dim);stroke-width:1;fill:none}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(26rem,100%),1fr));gap:1rem}
figure{margin:0;min-width:0}
figcaption{color:var(--dim);font-size:.85rem}
details{margin:.3rem 0}
.dim{font-size:.9rem}
summary{cursor:pointer;color:var(--dim);font-size:.85rem}
@media (forced-colors:active){.bars{fill:CanvasText}.bar{border:1px solid CanvasText;forced-color-adjust:none}}
main>section:nth-of-type(n+3){content-visibility:auto;contain-intrinsic-size:auto 40rem;padding:0 4px 6px;margin:0 -4px}
.lines{white-space:pre-line;font-size:.88rem;font-variant-numeric:tabular-nums}
@page{margin:14mm}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--card:#fff;--bar:#2f6fb5;--warn:#000;--warnbg:#fff;font-size:13px}body{max-width:none;padding:0;font-size:9.5pt}nav,.skip,details:not([open]){display:none}summary{list-style:none}a{text-decoration:none}.warn{padding:0;font-weight:bold}main>section:nth-of-type(n){content-visibility:visible;padding:0;margin:0}.card{content-visibility:visible}h2{margin-top:1.4rem}h2,figcaption{break-after:avoid}p+.scroll,p+.charts{break-before:avoid}tr,svg,figure,.card,.scroll:not(:has(tr:nth-child(13))){break-inside:avoid}.cards{display:block;columns:2;column-gap:1rem;padding:0 1px}.card{margin-bottom:1rem}.charts{grid-template-columns:1fr 1fr}.scroll{overflow:visible}.over th,.over td,.wide th,.wide td{min-width:0;overflow-wrap:anywhere}.nw{white-space:normal;overflow-wrap:anywhere}*{print-color-adjust:exact}}`;
