// One live stream for all that a page shows: facts as they are committed (server-sent events). The browser
// itself resumes after the last fact it saw; when that is no longer possible, `onResync` is told to load anew.
import { get, leave } from "$lib/api";
import { forgetClock, setClock } from "$lib/clock.svelte";

export interface Fact {
  seq: number;
  stream: number;
  version: number;
  type: string;
  at: string;
  actor: string;
  body: Record<string, unknown>;
}
type Hear = (facts: Fact[]) => void;

// Facts that come within one frame of the eye are handed on together.
const TOGETHER_MS = 50;
const AGAIN_MS = 3000;

/** `refused`: the house is there, but this role may not follow it live. */
export const link = $state<{ state: "connecting" | "live" | "offline" | "refused"; head: number }>({ state: "connecting", head: 0 });
const hearers = new Set<Hear>();
const resyncers = new Set<() => void>();
let source: EventSource | null = null;
let waiting: Fact[] = [];
let timer = 0;
let again = 0;
let followed = false;

/** Hear facts in groups; call what is returned to stop. The stream opens with the first who listens. */
export function onFacts(hear: Hear, resync: () => void): () => void {
  hearers.add(hear);
  resyncers.add(resync);
  if (!source) void begin();
  return () => {
    hearers.delete(hear);
    resyncers.delete(resync);
    if (!hearers.size) end();
  };
}

async function begin(): Promise<void> {
  clearTimeout(again);
  try {
    const health = await get("/healthz", { byItself: true });
    setClock(Date.parse(health.now));
    listen(link.head || health.head);
  } catch {
    void lost();
  }
}

function listen(after: number): void {
  source?.close();
  source = new EventSource(`/api/stream?after=${after}`);
  source.onopen = () => {
    link.state = "live";
    followed = true;
  };
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) void lost();
    else link.state = "offline";
  };
  source.onmessage = (message) => {
    const fact = JSON.parse(message.data) as Fact;
    link.head = fact.seq;
    waiting.push(fact);
    timer ||= window.setTimeout(hand, TOGETHER_MS);
  };
  // Who sits here has signed out, or is somebody else by now: what was loaded is not for them.
  source.addEventListener("moved", () => location.reload());
  source.addEventListener("resync", (message) => {
    link.head = (JSON.parse((message as MessageEvent<string>).data) as { seq: number }).seq;
    for (const each of resyncers) each();
  });
}

function hand(): void {
  timer = 0;
  const facts = waiting;
  waiting = [];
  for (const each of hearers) each(facts);
}

async function lost(): Promise<void> {
  source?.close();
  source = null;
  const status = await answered();
  if (status === 401 || status === 423) return leave();
  if (status === 403) {
    // Followed until now, and no longer allowed: a rule has changed, so what was loaded is not for them either.
    if (followed) return location.reload();
    link.state = "refused";
    return;
  }
  link.state = "offline";
  forgetClock();
  if (hearers.size) again = window.setTimeout(begin, AGAIN_MS);
}

/** An event source doesn't tell why it was closed: the same is asked once more, and its status looked at. */
async function answered(): Promise<number> {
  const stop = new AbortController();
  try {
    return (await fetch("/api/stream", { signal: stop.signal })).status;
  } catch {
    return 0;
  } finally {
    stop.abort();
  }
}

function end(): void {
  clearTimeout(again);
  source?.close();
  source = null;
  link.state = "connecting";
}
