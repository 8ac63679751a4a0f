/** Host pages: a plain one, and those that make life hard for whoever moves in. */

const TEXT = `<header>Northwind</header><main><h1>Northwind Outfitters</h1><p>Rain jackets, tents and the small things that make a night outside a good one.</p>
<p><a href="#">Shop the autumn collection</a></p><button id="before">Add to basket</button></main>`;

/** Everything a careless reset does to everything. */
const RESET = `* { all: revert !important; letter-spacing: 3px !important; font: italic 27px/2.2 Georgia, serif !important; color: magenta !important;
background: #ff0 !important; text-transform: uppercase !important; direction: rtl !important; border: 4px dashed red !important; margin: 11px !important;
padding: 9px !important; width: 90% !important; word-spacing: 1em !important; cursor: crosshair !important; }
body, body *, html > :not(head) { opacity: .6 !important; filter: hue-rotate(90deg) !important; }
button, textarea, p, h2, svg, ul { display: inline !important; transform: rotate(2deg) !important; }`;

const POLICIES: Record<string, string> = {
  csp: "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws:; base-uri 'none'; form-action 'none'",
  trusted: "require-trusted-types-for 'script'; trusted-types 'none'; script-src 'self'; style-src 'self'; default-src 'self' ws:",
};

/** `/`, `/reset`, `/csp`, `/trusted`, `/rtl`, `/manual` (no key: the host boots), `/element`. Query values become `data-*`. */
export function hostPage(path: string, query: URLSearchParams, origin: string): { headers: Record<string, string>; html: string } {
  const kind = path.slice(1);
  const data = [...query].map(([name, value]) => ` data-${name}="${value}"`).join('');
  const source = `${origin}/desk/widget/v1/widget.js`;
  const script = kind === 'manual' || kind === 'element' ? `<script async src="${source}"></script>` : `<script async src="${source}" data-key="${query.get('key') ?? 'demo'}"${data}></script>`;
  const element = kind === 'element' ? `<helpdesk-widget key="demo" base="${origin}/desk"></helpdesk-widget><helpdesk-widget key="demo" base="${origin}/desk"></helpdesk-widget>` : '';
  const stub = kind === 'manual' ? `<script>window.Helpdesk=window.Helpdesk||function(){(Helpdesk.q=Helpdesk.q||[]).push([...arguments])}</script>` : '';
  // The reset is a style element, as a strict policy would not allow: it belongs to the page without one.
  const style = kind === 'reset' ? `<style>${RESET}</style>` : '';
  const html = `<!doctype html><html lang="${kind === 'rtl' ? 'ar' : 'en'}"${kind === 'rtl' ? ' dir="rtl"' : ''}><head><meta charset="utf-8"><title>Northwind</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${style}${stub}${script}</head><body>${TEXT}${element}</body></html>`;
  return { headers: POLICIES[kind] ? { 'content-security-policy': POLICIES[kind] } : {}, html };
}
