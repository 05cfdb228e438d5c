// A plot of bars as an SVG file that reads well on light and dark pages.
const WIDTH = 720;
const LABEL = 230;
const ROW = 30;
const TOP = 34;

const escape = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

/** `rows` are `{ label, value, text, ours }`; a longer bar is a larger value. */
export function bars({ title, rows }) {
  const most = Math.max(...rows.map(({ value }) => value));
  const length = (value) => Math.max(1, ((WIDTH - LABEL - 110) * value) / most);
  const row = ({ label, value, text, ours }, place) => {
    const y = TOP + place * ROW;
    return `<text x="${LABEL - 10}" y="${y + 19}" text-anchor="end">${escape(label)}</text>` +
      `<rect class="${ours ? "ours" : "peer"}" x="${LABEL}" y="${y + 5}" width="${length(value).toFixed(1)}" height="20" rx="3"/>` +
      `<text class="value" x="${(LABEL + length(value) + 8).toFixed(1)}" y="${y + 19}">${escape(text)}</text>`;
  };
  const height = TOP + rows.length * ROW + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">
<style>text{font:13px system-ui,sans-serif;fill:#475569}.title{font-weight:600;fill:#0f172a}.value{font-variant-numeric:tabular-nums}.ours{fill:#2563eb}.peer{fill:#cbd5e1}
@media (prefers-color-scheme:dark){text{fill:#94a3b8}.title{fill:#e2e8f0}.ours{fill:#60a5fa}.peer{fill:#475569}}</style>
<text class="title" x="0" y="18">${escape(title)}</text>
${rows.map(row).join("\n")}
</svg>
`;
}
