// The page of Skylane: picks an airline and shows its dashboard, by a frame or by the script tag.
import { AIRLINES } from "./airlines.js";

const picker = document.querySelector("#airline");
const title = document.querySelector("#title");
const place = document.querySelector("#embed");
const notice = document.querySelector("#notice");
const modes = [...document.querySelectorAll("input[name=mode]")];

const address = new URL(location.href);
let airline = AIRLINES.find(({ code }) => code === address.searchParams.get("airline")) ?? AIRLINES[0];
let mode = address.searchParams.get("mode") === "script" ? "script" : "frame";
/** What shows the dashboard: `swap` gives it another session without loading it anew. */
let embed;
/** Counts the sessions asked for: only the answer to the latest is used. */
let latest = 0;

/** Asks Skylane's backend, which asks Emban. The page never holds a key. */
async function newSession() {
  const answer = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tenant_id: airline.code, dashboard_id: address.searchParams.get("dashboard") ?? undefined }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body.embed_url;
}

/** First way: an iframe, and messages to exactly the origin that it was loaded from. */
function embedByFrame(embedUrl) {
  const frame = document.createElement("iframe");
  frame.title = "Flight operations dashboard";
  frame.referrerPolicy = "no-referrer";
  frame.src = embedUrl;
  let origin = new URL(embedUrl).origin;

  const swap = (url) => {
    origin = new URL(url).origin;
    frame.contentWindow.postMessage({ _emban: true, type: "setSession", embedUrl: url }, origin);
  };
  const listen = (event) => {
    if (event.source !== frame.contentWindow || event.origin !== origin || event.data?._emban !== true) return;
    const { type, height } = event.data;
    if (type === "resize" && Number.isFinite(height)) frame.style.height = `${Math.ceil(height)}px`;
    if (type === "session-expiring" || type === "session-expired") show();
    hear(type, event.data);
  };
  window.addEventListener("message", listen);
  place.replaceChildren(frame);
  return {
    swap,
    remove() {
      window.removeEventListener("message", listen);
      frame.remove();
    },
  };
}

/** Second way: Emban's script and its element, in the page itself. */
function embedByScript(embedUrl) {
  const source = new URL("/embed.js", embedUrl).href;
  if (!document.querySelector(`script[src="${source}"]`)) {
    const script = document.createElement("script");
    script.type = "module";
    script.src = source;
    script.addEventListener("error", () => say("The dashboard's script could not be loaded."));
    document.head.append(script);
  }
  const element = document.createElement("emban-dashboard");
  element.getSession = newSession;
  for (const type of ["error", "filter", "data"]) {
    element.addEventListener(`emban:${type}`, (event) => hear(type, event.detail));
  }
  element.setAttribute("embed-url", embedUrl);
  place.replaceChildren(element);
  return {
    swap: async (url) => {
      await customElements.whenDefined("emban-dashboard");
      element.setEmbedUrl(url);
    },
    remove: () => element.remove(),
  };
}

async function show() {
  const turn = ++latest;
  title.textContent = airline.name;
  try {
    const url = await newSession();
    if (turn !== latest) return;
    say("");
    if (embed) {
      await embed.swap(url);
    } else {
      embed = mode === "script" ? embedByScript(url) : embedByFrame(url);
    }
  } catch (error) {
    if (turn === latest) say(error.message);
  }
}

/** What was said of something that went wrong ends with the next figures, and with filters that the viewer chooses. */
function hear(type, detail) {
  if (type === "error") say(detail?.message);
  else if (type === "filter" || type === "data") say("");
}

function say(message) {
  notice.textContent = message ?? "The dashboard reported an error.";
  notice.hidden = message === "";
}

function remember() {
  address.searchParams.set("airline", airline.code);
  address.searchParams.set("mode", mode);
  history.replaceState(null, "", address);
}

picker.append(...AIRLINES.map(({ code, name }) => new Option(name, code)));
picker.value = airline.code;
picker.addEventListener("change", () => {
  airline = AIRLINES.find(({ code }) => code === picker.value);
  remember();
  show();
});
for (const input of modes) {
  input.checked = input.value === mode;
  input.addEventListener("change", () => {
    mode = input.value;
    remember();
    embed?.remove();
    embed = undefined;
    show();
  });
}
show();
