// SPDX-License-Identifier: GPL-2.0-only
/* The words of HTML that all sections use, see internal.h. */
#include <string.h>

#include "internal.h"

void page_text(struct page *p, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<': fputs("&lt;", p->out); break;
		case '>': fputs("&gt;", p->out); break;
		case '&': fputs("&amp;", p->out); break;
		case '"': fputs("&quot;", p->out); break;
		default: fputc(*text, p->out);
		}
	}
}

static void open_tag(struct page *p, const char *tag, const char *class)
{
	if (class)
		fprintf(p->out, "<%s class=\"%s\">", tag, class);
	else
		fprintf(p->out, "<%s>", tag);
}

void page_cell(struct page *p, const char *class, const char *text)
{
	open_tag(p, "td", class);
	page_text(p, text);
	fputs("</td>", p->out);
}

void page_para(struct page *p, const char *class, const char *text)
{
	open_tag(p, "p", class);
	page_text(p, text);
	fputs("</p>\n", p->out);
}

void page_head(struct page *p, const char *anchor, const char *title)
{
	fprintf(p->out, "<h2 id=\"%s\">", anchor);
	page_text(p, title);
	fputs("</h2>\n", p->out);
}

/*
 * Light and dark as the reader's system wants; tables scroll by themselves, so
 * that the page fits a width of 390 pixels.  Pictures are drawn for a light
 * page and turned round in the dark.
 */
static const char style[] =
	":root{--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--box:#f6f8fa;"
	"--ok:#116329;--bad:#a40e26;--odd:#7d4e00}"
	"@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;"
	"--dim:#9198a1;--line:#30363d;--box:#161b22;--ok:#3fb950;--bad:#ff7b72;"
	"--odd:#d29922}svg{filter:invert(1) hue-rotate(180deg)}}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:1280px;padding:16px;background:var(--bg);"
	"color:var(--fg);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
	"h1{font-size:24px;margin:8px 0}h2{font-size:19px;margin:32px 0 8px;"
	"border-bottom:1px solid var(--line)}h3{font-size:16px;margin:16px 0 4px}"
	"p{margin:4px 0 8px}.dim{color:var(--dim)}"
	".scroll{overflow-x:auto}table{border-collapse:collapse;margin:8px 0}"
	"th,td{border-bottom:1px solid var(--line);padding:3px 10px;text-align:left;"
	"vertical-align:top;overflow-wrap:normal}"
	"td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
	"td.c{white-space:nowrap}"
	"@media(max-width:700px){td.c{white-space:normal;overflow-wrap:anywhere}"
	"th,td{padding:3px 5px}}"
	".pass{color:var(--ok)}.fail{color:var(--bad);font-weight:600}"
	".invalid{color:var(--odd);font-weight:600}.skip{color:var(--dim)}"
	".band{border:2px solid;border-radius:6px;padding:8px 16px;font-size:20px}"
	"pre{background:var(--box);border:1px solid var(--line);border-radius:6px;"
	"padding:8px;overflow-x:auto;font-size:13px;overflow-wrap:normal}"
	"code{background:var(--box);padding:1px 4px;border-radius:4px}"
	"summary{cursor:pointer;padding:4px 0}"
	".pics{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,560px),1fr));gap:16px}"
	"figure{margin:0;border:1px solid var(--line);border-radius:6px;padding:8px}"
	"figure svg{width:100%;height:auto;display:block}"
	"figcaption{color:var(--dim);font-size:13px}"
	"nav a{margin-right:16px}a{color:inherit}";

void page_style(struct page *p)
{
	fprintf(p->out, "<style>%s</style>\n", style);
}
