namespace VgpuPS.Core.Report;

/// <summary>The style of the page: light, dark, narrow and on paper. No element has a style of its own, so that the
/// page's policy can forbid all others.</summary>
internal static class ReportStyle
{
    public const string Sheet = """
:root{--ink:#1c2430;--soft:#5b6675;--line:#d9dfe7;--page:#f4f6f9;--card:#fff;--head:#eef2f6;--accent:#2f6f1f;
--use:#d3ecc8;--useline:#5a9a45;--idle:#fdeccb;--idleline:#c58a1b;--free:transparent;--freeline:#9aa6b4;
--bad:#b3261e;--badback:#fbe4e2;--warn:#8a5a00;--warnback:#fdf0d4;--good:#2f6f1f;--goodback:#e2f2db;
--s0:#2f6fb0;--s1:#b8571b;--s2:#3c8a3c;--s3:#8a4fb0;--s4:#a8324a;--s5:#5f6b1c;--s6:#187f88;--s7:#6b5a4e}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e3e8ef;--soft:#9aa6b6;--line:#303a47;--page:#10151b;
--card:#19202a;--head:#212a36;--accent:#8ed07a;--use:#24452a;--useline:#62a852;--idle:#4a3a17;--idleline:#c79a3e;
--freeline:#5a6777;--bad:#ff9d94;--badback:#4a1f1d;--warn:#f2c36b;--warnback:#42330f;--good:#9bd888;--goodback:#1f3a22;
--s0:#6fb1f0;--s1:#f09a5b;--s2:#7fca7a;--s3:#c793ea;--s4:#f08196;--s5:#c3cf6b;--s6:#5fc9d2;--s7:#c2ae9f}}
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Liberation Sans","DejaVu Sans",sans-serif;overflow-wrap:break-word}
dd,code,.card p,.card h3,.name{overflow-wrap:anywhere}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:28px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:20px;margin:44px 0 14px;padding-bottom:6px;border-bottom:2px solid var(--line)}
h3{font-size:16px;margin:26px 0 10px}
h4{font-size:15px;margin:0 0 2px}
p{margin:8px 0}
a{color:var(--accent)}
.soft,small,caption{color:var(--soft)}
small{font-size:13px;font-weight:400;display:block}
nav ul{display:flex;flex-wrap:wrap;gap:6px 18px;list-style:none;margin:14px 0 0;padding:0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin:22px 0 0;padding:0;
list-style:none}
.cards li,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.cards b{display:block;font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}
.cards .bad b{color:var(--bad)}
.cards .warn b{color:var(--warn)}
.card{margin:0 0 12px}
.card p{margin:4px 0}
.card h3{margin:0 0 4px}
.card dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:8px 0 0}
dt{color:var(--soft)}
dd{margin:0}
code{font:13px/1.5 ui-monospace,"Cascadia Mono","DejaVu Sans Mono","Liberation Mono",monospace;background:var(--head);
padding:1px 5px;border-radius:4px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.badge{display:inline-block;font-size:12px;font-weight:600;padding:1px 8px;border-radius:99px;background:var(--head);
color:var(--soft);white-space:nowrap}
.badge.bad{background:var(--badback);color:var(--bad)}
.badge.warn{background:var(--warnback);color:var(--warn)}
.badge.good{background:var(--goodback);color:var(--good)}
.wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;min-width:760px;font-size:14px}
caption{text-align:left;padding:10px 12px 6px;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:7px 12px;border-top:1px solid var(--line);min-width:64px}
thead th{background:var(--head);border-top:0;font-size:12.5px;color:var(--soft);white-space:nowrap}
tbody th{font-weight:600}
tbody tr:hover>*{background:var(--head)}
thead .number,.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.fixed{white-space:nowrap;font-variant-numeric:tabular-nums}
.text{min-width:180px}
.name{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;max-width:26em}
.trouble td{background:var(--badback)}
.gpus{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,540px),1fr));gap:14px}
.gpus .card{margin:0}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--soft);margin:0 0 12px;padding:0;
list-style:none}
.key svg{width:22px;height:14px;vertical-align:-2px;margin-right:6px}
.drawing{overflow-x:auto;margin:10px 0 6px}
svg{display:block;width:100%;height:auto;font-family:inherit}
.key svg{display:inline-block}
.gpu{min-width:500px}
.chart{min-width:560px}
svg text{fill:var(--ink);font-size:13px}
svg .faint{fill:var(--soft);font-size:11.5px}
svg .strong{font-weight:600}
svg .use{fill:var(--use);stroke:var(--useline)}
svg .idle{fill:var(--idle);stroke:var(--idleline)}
svg .free{fill:var(--free);stroke:var(--freeline);stroke-dasharray:4 3}
svg .axis{stroke:var(--soft);fill:none}
svg .grid{stroke:var(--line);fill:none}
svg .level{stroke:var(--bad);stroke-dasharray:7 4}
svg .total{fill:none;stroke:var(--s,var(--soft));stroke-dasharray:3 2}
figcaption{color:var(--soft);font-size:13px}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round}
.s0{--s:var(--s0)}.s1{--s:var(--s1)}.s2{--s:var(--s2)}.s3{--s:var(--s3)}
.s4{--s:var(--s4)}.s5{--s:var(--s5)}.s6{--s:var(--s6)}.s7{--s:var(--s7)}
svg .line,svg .dot{stroke:var(--s)}
svg .dot,svg .bar{fill:var(--s)}
footer{margin-top:48px;padding-top:14px;padding-bottom:32px;font-size:13px;color:var(--soft)}
@media (max-width:640px){header,main,footer{padding-left:14px;padding-right:14px}
h1{font-size:23px}.card dl{grid-template-columns:1fr;gap:0}.card dd{margin-bottom:6px}}
@media print{@page{size:A4;margin:13mm}
html{font-size:10pt}body{background:#fff;font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
header,main,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}nav{display:none}
h1{font-size:19pt}h2{font-size:14pt;margin-top:20pt}h3{font-size:11.5pt}h4{font-size:10pt}
h2,h3,h4,caption,thead{break-after:avoid}tbody tr:first-child{break-before:avoid}
table{font-size:8pt;min-width:0}thead{display:table-header-group}tr,.card,.cards li,svg,figure{break-inside:avoid}
th,td{padding:3pt 5pt;min-width:0}.text{min-width:0}thead th{white-space:normal}small{font-size:7.5pt}
.fixed,.number{white-space:normal}.wide,.drawing{overflow:visible}.wide{border-radius:0}
.cards{grid-template-columns:repeat(3,1fr)}.cards b{font-size:15pt}
.gpus{grid-template-columns:1fr 1fr;gap:8pt}.gpu,.chart{min-width:0}code{font-size:8pt}
a{color:inherit;text-decoration:none}}
""";
}
