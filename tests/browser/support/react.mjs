// A page of React in its development build: only there StrictMode mounts everything twice.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const SOURCE = `
import { StrictMode, createElement, useEffect, useRef } from "react";
import { createRoot } from "react-dom/client";

function Dashboard({ url }) {
  const place = useRef(null);
  useEffect(() => {
    window.told.push({ type: "mount" });
    const handle = Emban.mount(place.current, { embedUrl: url, onReady: () => window.told.push({ type: "ready" }) });
    return () => handle.destroy();
  }, [url]);
  return createElement("section", { ref: place });
}

const root = createRoot(document.body.appendChild(document.createElement("main")));
window.show = (url) => root.render(createElement(StrictMode, null, createElement(Dashboard, { url })));
window.unmount = () => root.unmount();
`;

/** A script with `show(url)` and `unmount()`. */
export function strictReact() {
  const tools = process.env.EMBAN_NPM_TOOLS;
  const options = ["--bundle", "--format=iife", '--define:process.env.NODE_ENV="development"'];
  return execFileSync(join(tools, "node_modules/.bin/esbuild"), options, { cwd: tools, input: SOURCE, encoding: "utf8", maxBuffer: 1 << 24 });
}
