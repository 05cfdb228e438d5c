// ECharts as its handbook advises for small bundles: only the parts that this chart needs.
import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { points } from "./points.js";

echarts.use([LineChart, GridComponent, CanvasRenderer]);
const chart = echarts.init(document.getElementById("chart"));
chart.on("finished", () => { globalThis.drawn = true; });
chart.setOption({
  animation: false, xAxis: { type: "time" }, yAxis: { type: "value" },
  series: [{ type: "line", showSymbol: false, areaStyle: {}, data: await points() }],
});
