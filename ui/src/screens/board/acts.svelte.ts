// One incident as it is now, and what a person does to it. When somebody was quicker it is said who did what, and
// the story is shown anew.
import { get, post, Refused, type Answer } from "$lib/api";
import { unitName } from "$lib/city.svelte";
import type { Fact } from "$lib/live.svelte";
import { pointIn } from "$lib/point";
import { tell, tellError } from "$lib/say.svelte";
import { listed, t } from "$lib/words.svelte";
import type { Kind } from "./Step.svelte";

const SOON_MS = 80; // facts of one command come together

export class Acts {
  story = $state.raw<Answer<"get", "/api/incidents/{incident}"> | null>(null);
  fault = $state.raw<Error | null>(null);
  conflict = $state.raw<{ by: string; at: string; said: string[] } | null>(null);
  readonly incident = $derived.by(() => (this.story?.incident.id === this.id() ? this.story.incident : null));
  readonly running = $derived.by(() => this.incident?.assignments.filter((each) => !each.clear_at) ?? []);
  private timer = 0;

  constructor(
    private id: () => number,
    private choose: (id: number) => void,
  ) {}

  async ask(wanted = this.id()): Promise<void> {
    clearTimeout(this.timer);
    try {
      const found = await get("/api/incidents/{incident}", { path: { incident: wanted }, byItself: true });
      if (wanted !== this.id()) return;
      this.story = found;
      this.fault = null;
    } catch (error) {
      if (wanted === this.id()) this.fault = error as Error;
    }
  }
  /** Something has happened; it is asked anew where it is of this incident. */
  hear(facts: Fact[]): void {
    if (!facts.some((each) => each.stream === this.id() || this.story?.incident.calls.includes(each.stream))) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), SOON_MS);
  }

  private async act(does: () => Promise<unknown>, done: string): Promise<boolean> {
    const before = new Set(this.story?.timeline.map((each) => each.seq));
    try {
      await does();
      this.conflict = null;
      tell(done);
      void this.ask();
      return true;
    } catch (error) {
      tellError(error);
      if (error instanceof Refused && error.code === "changed_meanwhile") {
        await this.ask();
        const said = this.story?.timeline.filter((each) => !before.has(each.seq)).map((each) => each.sentence) ?? [];
        this.conflict = { by: String(error.params["by"] ?? ""), at: this.story?.timeline.at(-1)?.at ?? "", said };
      }
      return false;
    }
  }
  private get v() {
    return { version: this.incident?.version ?? 0 };
  }

  send(units: string[]): void {
    if (!units.length || !this.incident) return void tell(t("screen_board.nobody"));
    const id = this.id();
    void this.act(
      () => post("/api/incidents/{incident}/dispatch", { path: { incident: id }, body: { units, ...this.v } }),
      t("screen_board.sent", { units: listed(units.map(unitName)), id }),
    );
  }
  advance(unit: string, to: string): void {
    void this.act(
      () => post("/api/units/{unit}/advance", { path: { unit }, body: { to, incident: this.id() } }),
      t("screen_board.advanced", { unit: unitName(unit), to: t(`status.assignment.${to}`) }),
    );
  }
  placeAt(lat: number, lon: number): Promise<boolean> {
    return this.does("place", `${lat.toFixed(7)}, ${lon.toFixed(7)}`, "");
  }

  /** One step as it was written: `value` is what was chosen, `why` the words. */
  does(kind: Kind, value: string, why: string): Promise<boolean> {
    if (kind === "join") return this.join(Number(value.replace("#", "")));
    const path = { incident: this.id() };
    const v = this.v;
    const calls: Record<Exclude<Kind, "join">, () => Promise<unknown>> = {
      note: () => post("/api/incidents/{incident}/notes", { path, body: { words: why } }),
      refer: () => post("/api/incidents/{incident}/referrals", { path, body: { agency: value, why, ...v } }),
      resolve: () => post("/api/incidents/{incident}/resolve", { path, body: { disposition: value, words: why, ...v } }),
      answer: () => post("/api/incidents/{incident}/follow-up", { path, body: { solved: value === "yes", words: why, ...v } }),
      close: () => post("/api/incidents/{incident}/close", { path, body: { why, ...v } }),
      reopen: () => post("/api/incidents/{incident}/reopen", { path, body: { why, ...v } }),
      priority: () => post("/api/incidents/{incident}/priority", { path, body: { priority: Number(value) || this.incident!.priority, why, ...v } }),
      alarm: () => post("/api/incidents/{incident}/alarm", { path, body: { alarm: Number(value), why, ...v } }),
      type: () => post("/api/incidents/{incident}/retype", { path, body: { type: value, why, ...v } }),
      place: () => post("/api/incidents/{incident}/place", { path, body: { ...(pointIn(value) ?? { address: value }), ...v } }),
    };
    return this.act(calls[kind], t(`screen_board.done.${kind}`, { id: path.incident }));
  }

  private async join(to: number): Promise<boolean> {
    if (!to || !this.incident) return false;
    const { calls } = this.incident;
    // Whoever is on the way for the last call goes on to where it belongs; who is too many is proposed there.
    const along = calls.length === 1 ? this.running.map((each) => unitName(each.unit)) : [];
    const said = along.length ? t("screen_board.done.join_with", { id: to, units: listed(along) }) : t("screen_board.done.join", { id: to });
    const body = { call: calls.at(-1)!, bring: along.length > 0 };
    const joined = await this.act(() => post("/api/incidents/{incident}/join", { path: { incident: to }, body }), said);
    if (joined) this.choose(to);
    return joined;
  }
}
