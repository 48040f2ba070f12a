"""The style of every page: one sheet for phones, desktops, both themes and paper."""

from __future__ import annotations

LIGHT = {
    "ground": "#ffffff", "ink": "#1d2733", "soft": "#55616d", "line": "#d7dde3", "head": "#f3f5f8", "link": "#0b5cad",
    "warn": "#7a4f00", "bad": "#a61b1b", "good": "#1f6b2a", "focus": "#0b5cad", "ai": "#0b5cad", "mining": "#a84a06",
    "fit": "#374151", "other": "#0f766e", "third": "#6d28d9", "fourth": "#9f1239",
}  # fmt: skip
DARK = {
    "ground": "#12171d", "ink": "#e4e8ec", "soft": "#a3b0bc", "line": "#38434e", "head": "#1e262e", "link": "#7db8ff",
    "warn": "#e0b050", "bad": "#ff9a9a", "good": "#7ccf87", "focus": "#7db8ff", "ai": "#7db8ff", "mining": "#f5a94a",
    "fit": "#cbd5e1", "other": "#4fd1c5", "third": "#c4b5fd", "fourth": "#fda4af",
}  # fmt: skip


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


ROLES = {"ai": "ai", "mining": "mining", "line": "fit", "other": "other", "third": "third", "fourth": "fourth"}
CHARTS = "".join(
    f".mark.r-{role}{{fill:var(--{name})}}.line.r-{role},.range.r-{role}{{stroke:var(--{name})}}"
    f".band.r-{role}{{fill:var(--{name})}}.t-{role}{{fill:var(--{name})}}"
    for role, name in ROLES.items()
)
STYLE = f"""
:root{{color-scheme:light;{_variables(LIGHT)}}}
@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{_variables(DARK)}}}}}
:root[data-theme=dark]{{color-scheme:dark;{_variables(DARK)}}}
*{{box-sizing:border-box}}
html{{-webkit-text-size-adjust:100%}}
body{{font:16px/1.5 system-ui,"Segoe UI",Calibri,sans-serif;color:var(--ink);background:var(--ground);margin:0}}
main,header,footer,.contents{{max-width:78rem;margin:0 auto;padding:0 1rem}}
main{{padding-bottom:3rem}}
h1,h2,h3,h4,p,li,dd,dt,caption,figcaption{{overflow-wrap:anywhere}}
h1{{font-size:1.6rem;line-height:1.25;margin:1rem 0 .5rem}}
h2{{font-size:1.3rem;margin:2.5rem 0 .5rem;border-top:2px solid var(--line);padding-top:1rem}}
h3{{font-size:1.08rem;margin:1.75rem 0 .25rem}}h4{{font-size:1rem;margin:1.25rem 0 .25rem}}
details{{border-top:1px solid var(--line);padding:.35rem 0}}summary{{cursor:pointer}}
summary h2,summary h3{{display:inline-block;border:0;margin:.25rem 0;padding:0}}details[open]{{padding-bottom:1.5rem}}
a{{color:var(--link)}}:focus-visible{{outline:3px solid var(--focus);outline-offset:2px}}
p{{margin:.35rem 0;max-width:46rem}}ul,dl{{margin:.25rem 0;padding-left:1.25rem;max-width:46rem}}
.dim{{color:var(--soft);font-size:.9rem}}.warn{{color:var(--warn)}}.bad{{color:var(--bad);font-weight:600}}
.bold{{font-weight:600}}.good{{color:var(--good)}}
.quiet{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}}
.skip{{position:absolute;left:-100rem}}.skip:focus{{left:1rem;top:.5rem;background:var(--ground);padding:.5rem;z-index:3}}
header{{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding-top:.75rem;
min-height:3.25rem}}
.contents ul{{display:flex;flex-wrap:wrap;gap:.15rem .9rem;list-style:none;padding:0;margin:.25rem 0;max-width:none}}
section .contents{{padding:0}}.contents a{{display:inline-block;padding:.2rem 0}}
button,input{{font:inherit;color:inherit;background:var(--head);border:1px solid var(--soft);border-radius:4px;
padding:.25rem .6rem;min-height:2rem}}
.filter{{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:1rem 0 0;font-size:.9rem}}
.scroll{{overflow-x:auto;margin:.75rem 0 .35rem;max-width:100%;position:relative}}
table{{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}}
caption{{text-align:left;font-weight:600;padding:.25rem 0}}
th,td{{padding:.3rem .6rem;text-align:left;vertical-align:top;white-space:nowrap}}
td.text{{white-space:normal;min-width:6rem;max-width:34rem;overflow-wrap:anywhere}}
thead th{{vertical-align:bottom;border-bottom:1px solid var(--soft);background:var(--head);white-space:normal}}
tbody th{{position:sticky;left:0;background:var(--ground);font-weight:600;z-index:1;max-width:16rem;
white-space:normal;overflow-wrap:break-word}}
tbody tr.dim th,tbody tr.dim td{{color:var(--soft)}}
tbody tr,tfoot tr{{border-bottom:1px solid var(--line)}}tfoot{{font-weight:600}}
th small{{font-weight:400;color:var(--soft);display:block}}
th button{{all:unset;cursor:pointer;display:inline;font-weight:600;text-decoration:underline dotted;
text-underline-offset:3px}}
th button:focus-visible{{outline:3px solid var(--focus)}}th[aria-sort=ascending] button::after{{content:" \\2191"}}
th[aria-sort=descending] button::after{{content:" \\2193"}}
.num{{text-align:right}}.date,tbody th.date{{white-space:nowrap}}.unknown{{color:var(--soft)}}
.brief{{border-left:4px solid var(--ai);padding:.1rem 0 .1rem 1rem;margin:1rem 0;font-size:1.05rem}}
.brief p{{margin:.5rem 0}}
figure.chart{{margin:1.5rem 0;max-width:50rem}}
figure.chart svg.wide,figure.chart svg.narrow{{display:block;width:100%;height:auto}}
figure.chart svg.narrow{{display:none}}
svg text{{font:12px system-ui,"Segoe UI",Calibri,sans-serif;fill:var(--ink)}}svg .axis{{fill:var(--soft)}}
svg .end{{text-anchor:end}}svg .middle{{text-anchor:middle}}svg .name{{font-weight:600;font-size:11.5px}}
.grid{{stroke:var(--line);fill:none}}.rule{{stroke:var(--soft);fill:none}}
.reference{{stroke:var(--soft);fill:none;stroke-dasharray:5 4}}.leader{{stroke:var(--soft);fill:none;stroke-width:.75}}
.line{{fill:none;stroke-width:2}}.band{{fill-opacity:.16;stroke:none}}.range{{fill:none;stroke-width:5;stroke-opacity:.55}}
.mark{{stroke:var(--ground);stroke-width:1}}{CHARTS}
.legend{{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;padding:0;font-size:.9rem}}
svg.key{{width:16px;height:12px;margin-right:.35rem;vertical-align:-1px}}
.links{{display:flex;flex-wrap:wrap;gap:.15rem .9rem;list-style:none;padding:0;max-width:none}}
header nav a{{margin-right:.9rem}}dt{{font-weight:600;margin-top:.5rem}}dd{{margin:0}}
@media(max-width:640px){{figure.chart svg.wide{{display:none}}figure.chart svg.narrow{{display:block}}
.legend{{gap:.1rem .8rem}}h1{{font-size:1.35rem}}
tbody th{{max-width:8.5rem}}}}
@media(prefers-reduced-motion:no-preference){{html{{scroll-behavior:smooth}}}}
@media print{{:root,:root[data-theme=dark],:root:not([data-theme=light]){{color-scheme:light;{_variables(LIGHT)}}}
@page{{size:landscape;margin:12mm}}body{{font-size:10pt}}main{{max-width:none;padding:0}}
.contents,.skip,.filter,header button{{display:none}}h2{{break-before:page}}h1,h2,h3,h4,caption{{break-after:avoid}}
details::details-content{{content-visibility:visible;block-size:auto}}
tr,figure{{break-inside:avoid}}.scroll{{overflow:visible}}table{{font-size:7.5pt}}th,td{{padding:.12rem .35rem}}
tbody th{{position:static}}thead{{display:table-header-group}}
figure.chart svg.wide{{display:block}}figure.chart svg.narrow{{display:none}}}}
""".strip()
