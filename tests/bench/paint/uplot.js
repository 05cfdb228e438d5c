// uPlot, the smallest of the well-known chart libraries.
import uPlot from "uplot";
import { points } from "./points.js";

const data = await points();
const place = document.getElementById("chart");
new uPlot({ width: place.clientWidth, height: place.clientHeight, hooks: { draw: [() => { globalThis.drawn = true; }] }, series: [{}, { stroke: "#2563eb", fill: "#2563eb33" }] },
  [data.map(([day]) => Date.parse(day) / 1000), data.map(([, value]) => value)], place);
