// Periods that people ask about, in the city's own calendar, as instants for the API.
import { city } from "$lib/city.svelte";
import { hourMinute, monthOf, now, shortDay } from "$lib/clock.svelte";

export const PERIODS = ["month", "last_month", "quarter", "year", "twelve", "own"] as const;
export type Kind = (typeof PERIODS)[number];
export interface Period {
  since: string;
  until: string;
}

/** Year, month and day of an instant where the city is. */
function local(at: number): [number, number, number] {
  const zone = city.timezone || "UTC";
  const [y, m, d] = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(at).split("-");
  return [Number(y), Number(m), Number(d)];
}

/** The instant at which a day begins there; months and days may run over. */
function begins(year: number, month: number, day: number): string {
  const utc = Date.UTC(year, month - 1, day);
  const zone = city.timezone || "UTC";
  const shown = (at: number) => Date.parse(`${new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(at).replace(" ", "T")}Z`);
  const first = utc - (shown(utc) - utc);
  return new Date(first - (shown(first) - utc)).toISOString(); // once more, for the days on which clocks change
}

const day = (text: string): [number, number, number] | null => {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null;
};

/** What is asked for; `from` and `to` are days of an own period, both within it. Nothing while one is missing. */
export function periodOf(kind: Kind, from: string, to: string): Period | null {
  const [y, m, d] = local(now());
  const until = new Date(Math.floor(now() / 60_000) * 60_000).toISOString();
  switch (kind) {
    case "last_month":
      return { since: begins(y, m - 1, 1), until: begins(y, m, 1) };
    case "quarter":
      return { since: begins(y, m - ((m - 1) % 3), 1), until };
    case "year":
      return { since: begins(y, 1, 1), until };
    case "twelve":
      return { since: begins(y - 1, m, d), until };
    case "own": {
      const [one, other] = [day(from), day(to)];
      return one && other ? { since: begins(...one), until: begins(other[0], other[1], other[2] + 1) } : null;
    }
    default:
      return { since: begins(y, m, 1), until };
  }
}

export type Span = "hour" | "day" | "week" | "month";
const HOUR_MS = 3_600_000;
const DAYS = { day: 1, week: 7 };

/** Spans of which a period has neither two nor two hundred. */
export function spanOf(period: Period): Span {
  const hours = (Date.parse(period.until) - Date.parse(period.since)) / HOUR_MS;
  return hours <= 72 ? "hour" : hours <= 93 * 24 ? "day" : "week";
}

/** The twelve whole months up to the end of the one that is told. */
export function twelveTo(until: string): Period {
  const [y, m] = local(Date.parse(until));
  return { since: begins(y - 1, m, 1), until };
}

/** From when until when the span with that number lasts, as instants for the API; within the period. */
export function bounds(since: string, until: string, span: Span, key: number): { from: string; until: string } {
  const [y, m, d] = local(Date.parse(since));
  const first = Date.parse(since) - (Date.parse(since) % HOUR_MS);
  const at = (n: number): string =>
    span === "hour" ? new Date(first + n * HOUR_MS).toISOString() : span === "month" ? begins(y, m + n, 1) : begins(y, m, d + n * DAYS[span]);
  const within = (one: string): string => new Date(Math.min(Math.max(Date.parse(one), Date.parse(since)), Date.parse(until))).toISOString();
  return { from: within(at(key)), until: within(at(key + 1)) };
}
export const named = (from: string, span: Span): string =>
  span === "hour" ? `${shortDay(from)} ${hourMinute(from)}` : span === "month" ? monthOf(from) : shortDay(from);
