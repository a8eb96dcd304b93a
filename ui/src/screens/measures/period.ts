// Periods that people ask about, in the city's own calendar, as instants for the API.
import { city } from "$lib/city.svelte";
import { now } from "$lib/clock.svelte";

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
