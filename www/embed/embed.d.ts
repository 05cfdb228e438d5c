// Types of embed.js. A page that loads it by a script tag names them with
// /// <reference path="embed.d.ts" />, and gets `Emban` and `<emban-dashboard>`.

/** The filters of a viewer; what is left out is not filtered. */
export interface EmbanFilters {
  /** `1h`, `24h`, `7d`, `30d`, or any of the dashboard's periods. */
  period?: string | null;
  /** Chosen values by property. */
  dimensions?: Record<string, string | string[]> | null;
  /** Bounds by property, both of them inclusive. */
  numericRanges?: Record<string, { min?: number | null; max?: number | null }> | null;
  /** Instants of RFC 3339, the second of them excluded; instead of a period. */
  dateRanges?: { timestamp?: { from: string; to: string } } | null;
}

/** The public tokens: any CSS colours. */
export interface EmbanColors {
  primaryColor?: string;
  backgroundColor?: string;
  cardBackground?: string;
  cardBorder?: string;
  textColor?: string;
  mutedColor?: string;
}

/** One of the two sets, `auto` following the viewer's system; or colours in place of those given before, `{}` for none. */
export type EmbanTheme = "light" | "dark" | "auto" | EmbanColors;

/** An address that opens the dashboard, alone or as the API answers it. */
export type EmbanSession = string | { embedUrl: string } | { embed_url: string };

/** What a dashboard tells, by the name of its event without `emban:`. */
export interface EmbanEvents {
  ready: Record<string, never>;
  /** CSS pixels. */
  resize: { height: number };
  filter: { filters: EmbanFilters };
  "period-change": { period: string | null; dateRanges: EmbanFilters["dateRanges"]; filters: EmbanFilters };
  /** Rows are opened: of a point, or of the whole widget. */
  drill: { widget: string; point: { time: string | null; group: (string | null)[] | null } | null };
  error: { code: string; message: string };
  /** RFC 3339; a minute before the end. */
  "session-expiring": { expiresAt: string };
  "session-expired": Record<string, never>;
  /** The oldest figure on the screen was read then, RFC 3339. */
  data: { freshness: string };
  /** A viewer saved a file. */
  export: { widget: string; format: "csv" | "png" | "svg" };
}

/** What can be done with a dashboard on a page. */
export interface EmbanMethods {
  /** Replaces the viewer's filters; when one of them is refused, nothing changes. */
  setFilters(filters: EmbanFilters): void;
  setTheme(theme: EmbanTheme): void;
  /** Fetches fresh figures under the same session. */
  reload(): void;
  /** Swaps the session in place; nothing of the former tenant stays. An address that cannot be followed is an `error`. */
  setEmbedUrl(url: string): void;
}

/** `<emban-dashboard>`. */
export interface EmbanDashboardElement extends HTMLElement, EmbanMethods {
  /** The address that opens the dashboard; the same as the attribute `embed-url`. */
  embedUrl: string;
  /** Gives a new address when the session is about to end. */
  getSession?: () => Promise<EmbanSession>;
}

type EmbanHandler<Type extends keyof EmbanEvents> = (detail: EmbanEvents[Type]) => void;

/** Needs `embedUrl` or `getSession`. */
export interface EmbanOptions {
  embedUrl?: string;
  getSession?: () => Promise<EmbanSession>;
  theme?: EmbanTheme;
  filters?: EmbanFilters;
  onReady?: EmbanHandler<"ready">;
  onResize?: EmbanHandler<"resize">;
  onFilter?: EmbanHandler<"filter">;
  onPeriodChange?: EmbanHandler<"period-change">;
  onDrill?: EmbanHandler<"drill">;
  onError?: EmbanHandler<"error">;
  onSessionExpiring?: EmbanHandler<"session-expiring">;
  onSessionExpired?: EmbanHandler<"session-expired">;
  onData?: EmbanHandler<"data">;
  onExport?: EmbanHandler<"export">;
}

/** A dashboard that was mounted. */
export interface EmbanHandle extends EmbanMethods {
  readonly element: EmbanDashboardElement;
  /** Takes the dashboard off the page; afterwards every method does nothing. */
  destroy(): void;
}

/** Puts a dashboard into an element. */
export function mount(element: Element, options?: EmbanOptions): EmbanHandle;

declare global {
  var Emban: { mount: typeof mount };
  interface HTMLElementTagNameMap {
    "emban-dashboard": EmbanDashboardElement;
  }
}
