// The script tag's way in: <emban-dashboard embed-url="…"> and Emban.mount(element, options).
// Small on purpose, without dependencies, and it never throws into the page: what fails becomes an `emban:error` event.

/* global EMBAN_RUNTIME_JS, EMBAN_RUNTIME_WASM, EMBAN_CSS, EMBAN_INTEGRITY */
const assets = new URL("/assets/", import.meta.url);
const asset = (name) => new URL(name, assets).href;

const SKELETON = `:host{display:block}:host([hidden]){display:none}
.w{container-type:inline-size;padding:20px}
.w div{display:grid;grid-template-columns:repeat(12,1fr);grid-auto-rows:72px;gap:16px;margin-block-start:96px}
.w i{display:grid;grid-column:span 3;grid-row:span 2;padding:16px 18px;border:1px solid color-mix(in srgb,currentColor 12%,transparent);border-radius:12px}
.w i::before{content:"";border-radius:6px;background:currentColor;opacity:.06}
.w i:nth-child(5){grid-column:span 8;grid-row:span 4}
.w i:nth-child(6){grid-column:span 4;grid-row:span 4}
@container (max-width:859px){.w div{grid-template-columns:1fr 1fr;margin-block-start:142px}.w i{grid-column:auto}.w i:nth-child(n+5){grid-column:span 2}}
@container (max-width:519px){.w div{grid-template-columns:1fr}.w div{margin-block-start:194px;gap:12px}.w i:nth-child(n){grid-column:auto}}
@media (prefers-reduced-motion:no-preference){.w{animation:p 1.6s ease-in-out infinite alternate}@keyframes p{to{opacity:.5}}}
.f{padding:32px 16px;text-align:center;font:14px/1.5 system-ui,sans-serif;opacity:.75}`;

/** The runtime and its style sheet, loaded once however many dashboards a page holds; a failed load is tried again. */
let loading;
function load() {
  loading ??= Promise.all([runtime(), styles()]).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function runtime() {
  const wasm = fetch(asset(EMBAN_RUNTIME_WASM), { integrity: EMBAN_INTEGRITY[EMBAN_RUNTIME_WASM] });
  // If the module fails, that is the error to tell.
  wasm.catch(() => {});
  const module = await checked(EMBAN_RUNTIME_JS);
  await module.default(wasm);
  return module;
}

/** Imports a module whose bytes are known: a preload is the place where every browser lets its integrity be named. */
async function checked(name) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "modulepreload", crossOrigin: "anonymous", integrity: EMBAN_INTEGRITY[name], href: asset(name) });
  document.head.append(link);
  try {
    return await import(link.href);
  } finally {
    link.remove();
  }
}

async function styles() {
  const response = await fetch(asset(EMBAN_CSS), {
    credentials: "omit", referrerPolicy: "no-referrer", integrity: EMBAN_INTEGRITY[EMBAN_CSS],
  });
  if (!response.ok) throw new Error(`style sheet: status ${response.status}`);
  return sheet(await response.text());
}

/** A constructed sheet, since the page's policy may forbid style elements. */
function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

let skeleton;

class EmbanDashboard extends HTMLElement {
  static observedAttributes = ["embed-url", "theme"];

  #root = this.attachShadow({ mode: "open" });
  #handle;
  #starting = false;
  #theme;
  #filters;
  #getSession;

  /** An async function that gives a new embed URL when the session is about to end. Set before the element is shown. */
  get getSession() { return this.#getSession; }
  set getSession(value) {
    this.#getSession = typeof value === "function" ? value : undefined;
    this.#start();
  }

  /** The address that opens the dashboard; the same as the attribute. */
  get embedUrl() { return this.getAttribute("embed-url") ?? ""; }
  set embedUrl(value) { this.setAttribute("embed-url", value ?? ""); }

  connectedCallback() {
    // Frameworks set properties before the element is known; those would hide the accessors.
    for (const name of ["getSession", "embedUrl"]) {
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }
    this.#start();
  }

  disconnectedCallback() {
    // An element that only moves is connected again before the next task, and keeps what it shows.
    setTimeout(() => { if (!this.isConnected) this.#stop(); });
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === "theme") this.setTheme(now);
    else if (this.#handle) now ? this.#call("setEmbedUrl", now) : this.#stop();
    else this.#start();
  }

  setFilters(filters) {
    this.#filters = filters;
    this.#call("setFilters", filters);
  }

  setTheme(theme) {
    this.#theme = theme ?? "auto";
    this.#call("setTheme", this.#theme);
  }

  reload() { this.#call("reload"); }

  setEmbedUrl(url) { this.embedUrl = url; }

  #call(method, ...args) {
    try {
      this.#handle?.[method](...args);
    } catch (error) {
      this.#fail("internal", error);
    }
  }

  async #start() {
    if (this.#handle || this.#starting || !this.isConnected || !(this.embedUrl || this.#getSession)) return;
    this.#starting = true;
    try {
      this.#wait();
      const [{ mount }, style] = await load();
      if (!this.isConnected) return;
      this.#root.adoptedStyleSheets = [style];
      this.#root.replaceChildren();
      this.#handle = mount(this.#root, {
        embedUrl: this.embedUrl,
        getSession: this.#getSession && (() => this.#renew()),
        theme: this.#theme,
        filters: this.#filters,
        locale: this.lang || navigator.language,
        themeRoot: this,
        onEvent: (type, detail) => this.#tell(type, JSON.parse(detail)),
      });
    } catch (error) {
      this.#fail("load_failed", error);
    } finally {
      this.#starting = false;
    }
  }

  async #renew() {
    const url = await this.#getSession?.();
    return typeof url === "string" ? url : (url?.embedUrl ?? url?.embed_url);
  }

  #stop() {
    const handle = this.#handle;
    this.#handle = undefined;
    try {
      handle?.destroy();
      handle?.free();
    } catch {
      // What failed is gone with its element.
    }
    this.#root.replaceChildren();
  }

  #wait() {
    skeleton ??= sheet(SKELETON);
    this.#root.adoptedStyleSheets = [skeleton];
    const cards = document.createElement("div");
    cards.append(...Array.from({ length: 6 }, () => document.createElement("i")));
    this.#show("w", "").append(cards);
  }

  #fail(code, error) {
    if (!this.#handle) this.#show("f", "This dashboard could not be loaded. Reload the page to try again.").setAttribute("role", "alert");
    this.#tell("error", { code, message: String(error?.message ?? error) });
  }

  #show(kind, text) {
    const box = document.createElement("div");
    box.className = kind;
    box.textContent = text;
    this.#root.replaceChildren(box);
    return box;
  }

  #tell(type, detail) {
    // Not now, since a listener that throws must not reach into the runtime.
    queueMicrotask(() => this.dispatchEvent(new CustomEvent(`emban:${type}`, { detail, bubbles: true, composed: true })));
  }
}

if (!customElements.get("emban-dashboard")) customElements.define("emban-dashboard", EmbanDashboard);

const HANDLERS = { onReady: "ready", onResize: "resize", onFilter: "filter", onPeriodChange: "period-change", onDrill: "drill", onError: "error",
  onSessionExpiring: "session-expiring", onSessionExpired: "session-expired", onData: "data", onExport: "export" };

/** Puts a dashboard into an element. Takes `embedUrl` or `getSession`, `theme`, `filters`, and `onReady`, `onError`, …. */
export function mount(element, options = {}) {
  const dashboard = document.createElement("emban-dashboard");
  for (const [option, type] of Object.entries(HANDLERS)) {
    if (typeof options[option] === "function") dashboard.addEventListener(`emban:${type}`, (event) => options[option](event.detail));
  }
  if (options.theme) dashboard.setTheme(options.theme);
  if (options.filters) dashboard.setFilters(options.filters);
  if (options.getSession) dashboard.getSession = options.getSession;
  if (options.embedUrl) dashboard.embedUrl = options.embedUrl;
  element.append(dashboard);
  return {
    element: dashboard,
    setFilters: (filters) => dashboard.setFilters(filters),
    setTheme: (theme) => dashboard.setTheme(theme),
    reload: () => dashboard.reload(),
    setEmbedUrl: (url) => dashboard.setEmbedUrl(url),
    destroy: () => dashboard.remove(),
  };
}

globalThis.Emban = { ...globalThis.Emban, mount };
