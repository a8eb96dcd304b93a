// A plan of deployment as it is looked at and changed on the screen.
import type { Answer } from "$lib/api";
import { city, stationName, unitName } from "$lib/city.svelte";
import { t, text } from "$lib/words.svelte";

export type Work = Answer<"get", "/api/plans/work">;
export type Made = NonNullable<Work["made"]>;
export type Standing = Answer<"get", "/api/plans">["items"][number];
export type Kind = "posts" | "shifts" | "patrol_base" | "paces";
export const KINDS: readonly Kind[] = ["posts", "shifts", "patrol_base", "paces"];

/** One crew at one post; `name` as it is said on the screen. */
export interface Row {
  post: string;
  name: string;
  lat: number;
  lon: number;
  unit: string;
  shifts: readonly string[];
}
export interface Unit {
  state: { code: string };
  station: string;
}

/** A name of the pack's where there is one, else the words themselves. */
export function postName(code: string, name?: Record<string, string>): string {
  return text(name) || stationName(code);
}
export const shiftName = (code: string): string => text(city.pack?.shifts[code]) || code;

/** One row for each crew of a plan that was worked out. */
export function rowsOf(made: Made, units: readonly Unit[]): Row[] {
  if (made.roster.length) {
    const stations = new Map((city.pack?.stations ?? []).map((each) => [each.code, each]));
    return made.roster.flatMap((each) => {
      const at = stations.get(units.find((one) => one.state.code === each.unit)?.station ?? "");
      return at ? [{ post: at.code, name: text(at.name), lat: at.lat, lon: at.lon, unit: each.unit, shifts: each.shifts }] : [];
    });
  }
  return made.posts.flatMap((each) =>
    Array.from({ length: each.crews }, (_, n) => ({
      post: each.post, name: postName(each.post, each.name), lat: each.lat, lon: each.lon, unit: each.units[n] ?? "", shifts: [],
    })),
  );
}

/** Posts as points, and a line from the station where each unit waits by the pack. */
export function shapesOf(rows: readonly Row[], units: readonly Unit[]): GeoJSON.FeatureCollection {
  const stations = new Map((city.pack?.stations ?? []).map((each) => [each.code, each]));
  const features: GeoJSON.Feature[] = [];
  for (const each of rows) {
    const here = [each.lon, each.lat];
    const name = [each.name, each.unit && unitName(each.unit)].filter(Boolean).join(" · ");
    features.push({ type: "Feature", geometry: { type: "Point", coordinates: here }, properties: { name } });
    const home = stations.get(units.find((one) => one.state.code === each.unit)?.station ?? "");
    if (home && (home.lat !== each.lat || home.lon !== each.lon))
      features.push({ type: "Feature", geometry: { type: "LineString", coordinates: [[home.lon, home.lat], here] }, properties: {} });
  }
  return { type: "FeatureCollection", features };
}

const SPREADS = ["mean_s", "p90_s", "within", "more_within"] as const;
const ENDS = ["", ".low", ".high"] as const;
type Option = Made["options"][number];

/** What a plan is proposed by: of each option the means with their intervals, bounded by what the house takes. */
export function figuresOf(made: Made): Record<string, number> {
  const found: Record<string, number> = {};
  if (made.factors.length) return { ways: made.ways, held_out: made.held_out, error_before: made.error_before, error_after: made.error_after };
  Object.assign(found, { asks: made.asks, weeks: made.weeks, within_s: made.within_s });
  if (made.shifts.length) {
    ENDS.forEach((end, n) => (found[`waits${end}`] = made.waits[n]!));
    return { ...found, urgent_waits: made.urgent_waits[0], formula_waits: made.formula_waits };
  }
  const last = made.options.length - 1;
  for (const each of made.options.filter((one, n) => one.name === "today" || n === last))
    for (const what of SPREADS) ENDS.forEach((end, n) => (found[`${each.name}.${what}${end}`] = each[what][n]!));
  return found;
}

/** The options again, from the figures that a plan was proposed by. */
export function optionsOf(figures: Record<string, number>): Pick<Option, "name" | (typeof SPREADS)[number]>[] {
  const names = [...new Set(Object.keys(figures).filter((key) => key.includes(".mean_s")).map((key) => key.split(".")[0]!))];
  const spread = (name: string, what: string): [number, number, number] =>
    ENDS.map((end) => figures[`${name}.${what}${end}`] ?? 0) as [number, number, number];
  return names.map((name) => ({
    name, mean_s: spread(name, "mean_s"), p90_s: spread(name, "p90_s"), within: spread(name, "within"), more_within: spread(name, "more_within"),
  }));
}

export const percent = (share: number, places = 1): string => t("plans.percent", { n: (100 * share).toFixed(places) });
