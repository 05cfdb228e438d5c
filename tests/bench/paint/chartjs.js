// Chart.js with only the parts that this chart needs.
import { CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement } from "chart.js";
import { points } from "./points.js";

Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement);
const data = await points();
const canvas = document.getElementById("chart").appendChild(document.createElement("canvas"));
new Chart(canvas, {
  type: "line", options: { animation: false, maintainAspectRatio: false },
  data: { labels: data.map(([day]) => day.slice(0, 10)),
    datasets: [{ data: data.map(([, value]) => value), borderColor: "#2563eb", backgroundColor: "#2563eb33", fill: true, pointRadius: 0 }] },
});
globalThis.drawn = true;
