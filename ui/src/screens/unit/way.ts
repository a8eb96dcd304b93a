// How far and in which direction, where there is no way by road to be told.
import { t } from "$lib/words.svelte";

export interface Point {
  lat: number;
  lon: number;
}
const EARTH_M = 6_371_000;
const WINDS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;

export function metres(a: Point, b: Point): number {
  const x = rad(b.lon - a.lon) * Math.cos(rad((a.lat + b.lat) / 2));
  return Math.hypot(x, rad(b.lat - a.lat)) * EARTH_M; // within a county the earth is flat to the metre
}
export function wind(a: Point, b: Point): string {
  const x = (b.lon - a.lon) * Math.cos(rad((a.lat + b.lat) / 2));
  const turn = (Math.atan2(x, b.lat - a.lat) * 8) / (2 * Math.PI);
  return t(`unit.wind.${WINDS[(Math.round(turn) + 8) % 8]}`);
}
export const far = (m: number): string => (m < 950 ? t("unit.m", { n: Math.max(10, Math.round(m / 10) * 10) }) : t("unit.km", { n: (m / 1000).toFixed(1) }));
