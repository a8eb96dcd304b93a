// The house's time, not this machine's: clocks on all screens agree. `clock.now` moves once a second.
import { city } from "$lib/city.svelte";
import { speech, t } from "$lib/words.svelte";

let skew = 0;
let known = false;
export const clock = $state({ now: Date.now() });

export function setClock(houseNow: number): void {
  skew = houseNow - Date.now();
  known = true;
  clock.now = Date.now() + skew;
}
/** After a break the house is asked again. */
export const forgetClock = (): void => void (known = false);
export const clockKnown = (): boolean => known;
export const now = (): number => Date.now() + skew;
setInterval(() => (clock.now = now()), 1000);

const two = (each: number): string => String(each).padStart(2, "0");

/** mm:ss under an hour, hours and minutes beyond, then days. Milliseconds in. */
export function elapsed(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 3600) return `${two(Math.floor(s / 60))}:${two(s % 60)}`;
  if (s < 172_800) return t("time.hours", { n: Math.floor(s / 3600), m: two(Math.floor((s % 3600) / 60)) });
  return t("time.days", { n: Math.floor(s / 86_400) });
}

/** "3 h 20 min" for people between other work; milliseconds in. */
export function inWords(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return t("time.in_minutes", { n: Math.max(1, minutes) });
  if (minutes < 48 * 60) return t("time.in_hours", { n: Math.floor(minutes / 60), m: minutes % 60 });
  return t("time.in_days", { n: Math.floor(minutes / 1440) });
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(kind: string, how: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${speech.lang} ${city.timezone}`;
  let found = formats.get(key);
  if (!found) {
    const zone = city.timezone ? { timeZone: city.timezone } : {};
    formats.set(key, (found = new Intl.DateTimeFormat(speech.lang === "zh" ? "zh-CN" : "en-GB", { hourCycle: "h23", ...zone, ...how })));
  }
  return found;
}
type At = string | number | null | undefined;
const shown = (at: At, with_: Intl.DateTimeFormat): string => (at === null || at === undefined || at === "" ? "–" : with_.format(new Date(at)));
export const clockTime = (at: At): string => shown(at, format("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }));
export const hourMinute = (at: At): string => shown(at, format("hm", { hour: "2-digit", minute: "2-digit" }));
export const dayTime = (at: At): string =>
  shown(at, format("day", { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit" }));
export const shortDay = (at: At): string => shown(at, format("short", { month: "numeric", day: "numeric" }));
export const wholeDay = (at: At): string => shown(at, format("date", { year: "numeric", month: "short", day: "numeric" }));
export const monthOf = (at: At): string => shown(at, format("month", { year: "numeric", month: "short" }));
export const wholeTime = (at: At): string =>
  shown(at, format("whole", { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }));
