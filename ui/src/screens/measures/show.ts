// How a measure's number is written: times as clocks, shares in per cent, what is hidden as less than ten.
import type { Answer } from "$lib/api";
import { elapsed } from "$lib/clock.svelte";
import { number, t } from "$lib/words.svelte";

export type Measures = Answer<"get", "/api/measures">;
export type Line = Measures["total"];
export type Defined = Measures["measures"][number];
export type Shown = Line["numbers"][string];

export function written(value: number | null, unit: string, hidden = false): string {
  if (hidden) return t("measures.hidden");
  if (value === null) return "–";
  if (unit === "seconds") return elapsed(value * 1000);
  return unit === "share" ? `${number(value * 100, 1)}%` : number(value);
}

/** Up or down against last year; nothing where one of the two is not known. */
export function trend(each: Shown): "up" | "down" | "same" | "" {
  if (each.value === null || each.before === null || each.before === undefined) return "";
  return each.value > each.before ? "up" : each.value < each.before ? "down" : "same";
}
