// Which rows the list shows, in which order, without ever moving them under a cursor: while the list is in
// use (pointer over it, or keyboard in it) new rows wait, and rows keep their places until it is left.
import { typeName, typeOf } from "$lib/city.svelte";
import type { Incidents, Line } from "$lib/incidents.svelte";
import { recallJson, remember } from "$lib/memory";
import { speech } from "$lib/words.svelte";

export const WHOSE = ["all", "open", "late", "duty", "police"] as const;
export interface Filter {
  find: string;
  whose: (typeof WHOSE)[number];
  priority: number;
  group: string;
  agency: string;
}
const NAME = "screen_board.filter";
const none: Filter = { find: "", whose: "all", priority: 5, group: "", agency: "" };
export const filter = $state<Filter>({ ...none, ...recallJson<Partial<Filter>>(NAME, {}) });
export const narrowed = (): boolean => JSON.stringify(filter) !== JSON.stringify(none);
export function narrow(change: Partial<Filter>): void {
  Object.assign(filter, change);
  remember(NAME, narrowed() ? JSON.stringify(filter) : null);
}
export const widen = (): void => narrow(none);

/** Past the earliest promise that still runs; a quarter of the time left is soon. */
export function pressed(line: Line, now: number): "late" | "soon" | "" {
  if (!line.next_due) return "";
  const due = Date.parse(line.next_due);
  if (now > due) return "late";
  return due - now < (due - Date.parse(line.opened_at ?? "")) / 4 ? "soon" : "";
}

// What a line is found by, worked out once for each line and language: five thousand are looked through at every letter.
let hays = new WeakMap<Line, string>();
let haysIn = "";
function hayOf(line: Line): string {
  if (haysIn !== speech.lang) [hays, haysIn] = [new WeakMap(), speech.lang];
  let hay = hays.get(line);
  if (hay === undefined) hays.set(line, (hay = `#${line.id} ${typeName(line.type)} ${line.title} ${line.address} ${line.units.join(" ")}`.toLowerCase()));
  return hay;
}

function fitting(lines: readonly Line[], now: number): Line[] {
  const filter_ = { ...filter, find: filter.find.trim().toLowerCase() };
  return lines.filter((each) => fits(each, now, filter_));
}
function fits(line: Line, now: number, filter: Filter): boolean {
  if (line.priority > filter.priority) return false;
  if (filter.group && typeOf(line.type)?.group !== filter.group) return false;
  if (filter.agency && !line.agencies.includes(filter.agency)) return false;
  if (filter.whose === "open" && line.status !== "open") return false;
  if (filter.whose === "duty" && !line.duty_desk) return false;
  if (filter.whose === "late" && pressed(line, now) !== "late") return false;
  if (filter.whose === "police" && !typeOf(line.type)?.police) return false;
  return !filter.find || hayOf(line).includes(filter.find);
}

export class List {
  /** Somebody's cursor is in the list. */
  held = $state(false);
  ids = $state.raw<number[]>([]);
  waiting = $state.raw<Line[]>([]);
  private known = new Set<number>();
  private asked = "";

  constructor(private incidents: Incidents) {}

  /** Take in what has changed; call in an effect that depends on `incidents.tick` and the filter. */
  follow(now: number): void {
    const found = fitting(this.incidents.order, now);
    const asked = JSON.stringify(filter);
    if (this.held && this.asked === asked && this.known.size) {
      this.waiting = found.filter((each) => !this.known.has(each.id));
      return;
    }
    this.asked = asked;
    this.show(found);
  }

  /** Show what waits. */
  letIn(now: number): void {
    this.show(fitting(this.incidents.order, now));
  }

  private show(found: Line[]): void {
    const ids = found.map((each) => each.id);
    if (ids.length !== this.ids.length || ids.some((each, n) => each !== this.ids[n])) this.ids = ids;
    this.known = new Set(ids);
    if (this.waiting.length) this.waiting = [];
  }
}
