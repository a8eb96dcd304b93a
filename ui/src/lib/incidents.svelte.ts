// The unfinished incidents as lines, kept up by facts: a row changes as its fact comes, and what a fact doesn't
// tell is asked anew for all touched rows in one request. `order` is by priority and then by age.
import { get, type Answer } from "$lib/api";
import { typeName } from "$lib/city.svelte";
import { onFacts, type Fact } from "$lib/live.svelte";

export type Line = Answer<"get", "/api/incidents">["items"][number];

// What a whole county has open in its worst night, times two; beyond it the least urgent stay with the server.
const LINES_MAX = 10_000;
const PAGE = 200;
// Touched rows are asked for anew together; the fact itself has shown the change before.
const ANEW_MS = 600;
const UNFINISHED = ["open", "active"];
const before = (a: Line, b: Line): number => a.priority - b.priority || (a.opened_at ?? "").localeCompare(b.opened_at ?? "") || a.id - b.id;

/** Beside the type: where it is, and the first words where they say more. */
export function saysOf(line: { type: string; title: string; address: string }): string {
  if (!line.address || line.title.includes(line.address)) return line.title;
  return line.title === typeName(line.type) ? line.address : `${line.address} · ${line.title}`;
}

/** What of a fact's body changes a line. */
interface Body {
  type: string;
  priority: number;
  title: string;
  agency: string;
  unit: string;
  dispatch_due: string | null;
  place: { lat: number | null; lon: number | null; address: string };
}
const added = (list: readonly string[], one: string): string[] => (list.includes(one) ? [...list] : [...list, one]);

/** The line as it is after a fact of its own stream; undefined when the fact says nothing of it. */
export function patched(line: Line, fact: Fact): Line | undefined {
  const body = fact.body as unknown as Body;
  const one = { ...line, version: fact.version, changed_at: fact.at };
  switch (fact.type) {
    case "incident.call_joined": return { ...one, calls: line.calls + 1 };
    case "incident.call_parted": return { ...one, calls: Math.max(0, line.calls - 1) };
    case "incident.retyped": return { ...one, type: body.type, priority: body.priority };
    case "incident.priority_set": return { ...one, priority: body.priority };
    case "incident.place_set": return { ...one, lat: body.place.lat, lon: body.place.lon, address: body.place.address };
    case "incident.resolved": return { ...one, status: "resolved" };
    case "incident.closed": return { ...one, status: "closed" };
    case "incident.reopened": return { ...one, status: "open" };
    case "deadline.escalated": return { ...one, escalations: line.escalations + 1 };
    case "referral.offered": return { ...one, agencies: added(line.agencies, body.agency) };
    case "referral.accepted": return { ...one, status: "active" };
    case "assignment.dispatched":
      return { ...one, status: "active", backup_at: null, units: added(line.units, body.unit), agencies: added(line.agencies, body.agency) };
    case "assignment.backup_asked": return { ...one, backup_at: fact.at };
    case "assignment.clear":
    case "assignment.recalled": return { ...one, units: line.units.filter((each) => each !== body.unit) };
    default: return fact.stream === line.id ? one : undefined;
  }
}

/** The line of an incident that has just been opened, as far as its first fact tells. */
function opened(fact: Fact): Line {
  const body = fact.body as unknown as Body;
  return {
    id: fact.stream, status: "open", type: body.type, priority: body.priority, title: body.title, opened_at: fact.at,
    changed_at: fact.at, lat: body.place.lat, lon: body.place.lon, address: body.place.address, agencies: [], units: [],
    calls: 1, next_due: body.dispatch_due, backup_at: null, escalations: 0, duty_desk: false, version: fact.version,
  };
}

export class Incidents {
  /** Moves with every change; what shows rows depends on it. */
  tick = $state(0);
  loaded = $state(false);
  fault = $state.raw<unknown>(null);
  order = $state.raw<Line[]>([]);
  private rows = new Map<number, Line>();
  private touched = new Set<number>();
  private anew = 0;
  private again = 0;
  private stopped = false;

  /** `fresh` hears of incidents that have just been opened, and of those where a unit calls for help. */
  constructor(private fresh: (lines: Line[]) => void = () => undefined) {}

  start(): () => void {
    void this.load();
    const stop = onFacts((facts) => this.hear(facts), () => void this.load());
    return () => {
      this.stopped = true;
      clearTimeout(this.anew);
      clearTimeout(this.again);
      stop();
    };
  }

  of(id: number): Line | undefined {
    void this.tick;
    return this.rows.get(id);
  }

  /** Everything that is unfinished, the urgent first, so that they stand on the screen at once. */
  async load(): Promise<void> {
    try {
      const rows = new Map<number, Line>();
      for (const priority_max of [2, 5]) {
        let cursor = "";
        do {
          const page = await get("/api/incidents", { query: { status: UNFINISHED, priority_max, limit: PAGE, cursor }, byItself: true });
          for (const each of page.items) rows.set(each.id, each);
          cursor = page.next;
        } while (cursor && rows.size < LINES_MAX);
        if (!this.loaded) this.show(rows);
      }
      this.show(rows);
      this.loaded = true;
      this.fault = null;
    } catch (error) {
      this.fault = error;
      if (!this.stopped) this.again = window.setTimeout(() => void this.load(), 3000);
    }
  }

  private show(rows: Map<number, Line>): void {
    this.rows = rows;
    this.sort();
  }

  private sort(): void {
    this.order = [...this.rows.values()].sort(before);
    this.tick++;
  }

  hear(facts: Fact[]): void {
    const fresh: Line[] = [];
    let moved = false;
    for (const fact of facts) {
      const line = this.rows.get(fact.stream);
      if (fact.type === "incident.opened") {
        fresh.push(opened(fact));
        this.rows.set(fact.stream, fresh.at(-1)!);
      } else if (line) {
        const next = patched(line, fact);
        if (next && (next.status === "closed" || next.status === "resolved")) this.rows.delete(line.id);
        else if (next) this.rows.set(line.id, next);
        if (next && fact.type === "assignment.backup_asked") fresh.push(next);
      } else if (fact.type !== "incident.reopened") continue;
      moved = true;
      this.touched.add(fact.stream);
    }
    if (!moved) return;
    this.sort();
    if (fresh.length) this.fresh(fresh);
    this.anew ||= window.setTimeout(() => void this.ask(), ANEW_MS);
  }

  private async ask(): Promise<void> {
    this.anew = 0;
    const stream = [...this.touched].slice(0, PAGE);
    for (const id of stream) this.touched.delete(id);
    try {
      const page = await get("/api/incidents", { query: { stream, limit: PAGE }, byItself: true });
      for (const each of page.items) {
        if ((this.rows.get(each.id)?.version ?? 0) > each.version) continue; // a later fact has come meanwhile
        if (UNFINISHED.includes(each.status)) this.rows.set(each.id, each);
        else this.rows.delete(each.id);
      }
      this.sort();
    } catch {
      // the stream brings what follows; a break ends in a resync, which loads all
    }
    if (this.touched.size) this.anew ||= window.setTimeout(() => void this.ask(), ANEW_MS);
  }
}
