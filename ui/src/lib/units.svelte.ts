// All units as they are now, kept up by facts.
import { get, type Answer } from "$lib/api";
import { onFacts, type Fact } from "$lib/live.svelte";

export type Unit = Answer<"get", "/api/units">["items"][number];
export const STATUSES = ["available", "dispatched", "en_route", "on_scene", "out_of_service"] as const;

const AFTER: Record<string, string> = {
  "assignment.dispatched": "dispatched", "assignment.en_route": "en_route", "assignment.on_scene": "on_scene",
  "assignment.clear": "available", "assignment.recalled": "available",
};

export class Units {
  all = $state.raw<Unit[]>([]);
  loaded = $state(false);
  fault = $state.raw<unknown>(null);
  private byCode = new Map<string, number>();
  private byStream = new Map<number, number>();

  start(): () => void {
    void this.load();
    return onFacts((facts) => this.hear(facts), () => void this.load());
  }

  of(code: string): Unit | undefined {
    return this.all[this.byCode.get(code) ?? -1];
  }

  async load(): Promise<void> {
    try {
      const { items } = await get("/api/units", { byItself: true });
      this.byCode = new Map(items.map((each, n) => [each.state.code, n]));
      this.byStream = new Map(items.map((each, n) => [each.state.id, n]));
      this.all = items;
      this.loaded = true;
      this.fault = null;
    } catch (error) {
      this.fault = error;
    }
  }

  hear(facts: Fact[]): void {
    let next: Unit[] | null = null;
    for (const fact of facts) {
      const body = fact.body as { unit?: string; status?: string; lat?: number; lon?: number; station?: string };
      const status = AFTER[fact.type];
      const n = status ? this.byCode.get(body.unit ?? "") : fact.type.startsWith("unit.") ? this.byStream.get(fact.stream) : undefined;
      if (n === undefined) continue;
      next ??= [...this.all];
      const unit = next[n]!;
      const change = status
        ? { status, post: "", incident: status === "available" ? 0 : fact.stream, changed_at: fact.at, changed_by: fact.actor }
        : fact.type === "unit.status_set"
          ? { status: body.status!, post: "", changed_at: fact.at, changed_by: fact.actor }
          : fact.type === "unit.posted" ? { post: body.station ?? "" }
          : fact.type === "unit.moved" && body.lat ? { lat: body.lat, lon: body.lon!, moved_at: fact.at } : {};
      next[n] = { ...unit, state: { ...unit.state, ...change } as Unit["state"] };
    }
    if (next) this.all = next;
  }
}
