/// <reference path="../../../www/embed/embed.d.ts" />
// What a page in TypeScript writes; compiled by a test, never run.
import type { EmbanFilters, EmbanHandle } from "../../../www/embed/embed.d.ts";

const place = document.querySelector("#analytics") as HTMLElement;
const filters: EmbanFilters = { period: "7d", dimensions: { carrier: ["UA", "AA"] }, numericRanges: { delay: { min: 5 } } };
const handle: EmbanHandle = Emban.mount(place, {
  getSession: async () => ({ embedUrl: "https://analytics.example/embed/dash_1?token=t" }),
  theme: { primaryColor: "#635bff" },
  filters,
  onResize: ({ height }) => height.toFixed(),
  onPeriodChange: ({ period, filters: chosen }) => [period?.length, chosen.dimensions],
  onDrill: ({ widget, point }) => [widget.length, point?.group?.length],
  onError: ({ code, message }) => `${code}: ${message}`,
});
handle.setTheme("auto");
handle.setFilters({});
handle.setEmbedUrl("https://analytics.example/embed/dash_1?token=u");
handle.reload();
handle.element.getSession = async () => "https://analytics.example/embed/dash_1?token=v";
handle.element.getSession = async () => ({ embed_url: "https://analytics.example/embed/dash_1?token=v", expires_in: 3600 });
handle.setTheme({});
handle.destroy();

const element = document.createElement("emban-dashboard");
element.embedUrl = "https://analytics.example/embed/dash_1?token=w";
element.setTheme("dark");

// @ts-expect-error a theme that there is none of
handle.setTheme("blue");
// @ts-expect-error a filter that there is none of
handle.setFilters({ tenant: "acme" });
// @ts-expect-error no element
Emban.mount("#analytics", {});
// @ts-expect-error a detail that the event has none of
Emban.mount(place, { onResize: ({ width }) => width });
// @ts-expect-error the element is the handle's own
handle.element = element;
