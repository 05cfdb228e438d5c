// What an eye would notice, measured in a page.

/** WCAG 2.2, 1.4.3 (AA) for texts of usual size. */
const LEAST_CONTRAST = 4.5;

/** Texts that hardly stand out from what is behind them, with their contrast. */
export const faint = (root) => root.evaluate((top, least) => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  // Only a canvas reads every way in which a colour can be written.
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([red, green, blue, alpha], below) =>
    [red, green, blue].map((value, at) => value * alpha + below[at] * (1 - alpha));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const own = rgba(getComputedStyle(element).backgroundColor);
    if (own[3] === 1) return own.slice(0, 3);
    const below = behind(element.parentElement ?? element.getRootNode().host);
    return over(own, below);
  };
  const light = (color) => {
    const [red, green, blue] = color.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.closest(".em-sr, script, style")) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const ink = over(rgba(element instanceof SVGElement ? style.fill : style.color), ground);
    const [dark, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < least) found.add(`${contrast.toFixed(2)} ${element.getAttribute("class") ?? element.localName}: ${text}`);
  }
  return [...found];
}, LEAST_CONTRAST);

/** Texts that end in dots, and lists that must be scrolled. */
export const cut = (root) => root.evaluate((top) => {
  const clipped = [...top.querySelectorAll("*")].filter((element) =>
    getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth);
  const scrolled = [...top.querySelectorAll(".em-list")].filter((list) => list.scrollHeight > list.clientHeight);
  return [...clipped, ...scrolled].map((element) => `${element.className}: ${element.textContent.trim()}`);
});

/** Charts without a mark, or with a label beyond their card. */
export const badCharts = (root) => root.evaluate((top) => [...top.querySelectorAll(".em-svg")].flatMap((holder) => {
  const card = holder.closest(".em-card");
  const name = card.querySelector(".em-card-title").textContent;
  if (holder.querySelectorAll("svg :is(path, rect, circle)").length === 0) return [`${name}: no marks`];
  const bounds = card.getBoundingClientRect();
  return [...holder.querySelectorAll("text")].filter((label) => {
    const box = label.getBoundingClientRect();
    return box.left < bounds.left || box.right > bounds.right || box.top < bounds.top || box.bottom > bounds.bottom;
  }).map((label) => `${name}: ${label.textContent}`);
}));

/** Pairs of texts of one chart that lie over each other, as the browser sets them. */
export const overlaps = (root) => root.evaluate((top) => [...top.querySelectorAll(".em-svg svg")].flatMap((chart) => {
  const name = chart.closest(".em-card").querySelector(".em-card-title").textContent;
  const texts = [...chart.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBBox() }));
  // A line's box holds room above and below its letters, where another line may stand; beside them none is lost.
  const over = (a, b) => Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1
    && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 3;
  return texts.flatMap((one, at) => texts.slice(at + 1).filter((other) => over(one.box, other.box)).map((other) => `${name}: ${one.text} over ${other.text}`));
}));

/** Numbers and buttons of which a part is not seen. */
export const clipped = (root) => root.evaluate((top) => [...top.querySelectorAll(".em-stat-value, .em-pill, .em-btn, .em-seg-item, .em-item-value")]
  .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline")
  .map((element) => `${element.className}: ${element.textContent.trim()}`));

/** Pixels by which the content is wider than the window. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
