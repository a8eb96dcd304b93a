// What the house makes of the draft, as one types: asked a moment after the last key, and an answer that is
// no longer wanted is broken off.
import { get, post, type Answer } from "$lib/api";
import { asCall, draft } from "./draft.svelte";

export type Heard = Answer<"post", "/api/understand">;
export type Spot = Answer<"get", "/api/places">["items"][number];
export type Card = Answer<"get", "/api/scams">[number];

const PAUSE_MS = 30;
// A place is named in a line or two; the rest of a long report need not travel again.
const PLACES_MAX = 1_000;

export const hearing = $state<{ now: Heard | null; spots: Spot[]; away: boolean }>({ now: null, spots: [], away: false });
export const cards = $state<{ all: Card[] }>({ all: [] });

// What meaning says comes a moment after the rest: asked for again a few times, then let go.
const AGAIN_MS = 700;
const AGAIN_MAX = 5;

let timer = 0;
let again = 0;
let running: AbortController | null = null;

export function forget(): void {
  clearTimeout(timer);
  running?.abort();
  Object.assign(hearing, { now: null, spots: [], away: false });
}

/** Ask again, soon. */
export function listen(): void {
  clearTimeout(timer);
  const { words, type, answers } = draft;
  if (!words.trim() && !type && !Object.keys(answers).length) return forget();
  again = 0;
  timer = window.setTimeout(() => void ask(), PAUSE_MS);
}

async function ask(): Promise<void> {
  running?.abort();
  const { signal } = (running = new AbortController());
  const body = asCall();
  delete body["contact"];
  delete body["incident"];
  const q = draft.words.slice(-PLACES_MAX);
  const shift = draft.words.length - q.length;
  try {
    const [now, found] = await Promise.all([
      post("/api/understand", { body: body, signal }),
      q.trim() ? get("/api/places", { query: { q }, signal }) : null,
    ]);
    const spots = (found?.items ?? []).map((each) => ({ ...each, start: each.start + shift, end: each.end + shift }));
    Object.assign(hearing, { now, spots, away: false });
    if (now.second_pending && again++ < AGAIN_MAX) timer = window.setTimeout(() => void ask(), AGAIN_MS);
  } catch {
    if (!signal.aborted) hearing.away = true;
  }
}

export interface Where {
  name: string;
  lat: number | null;
  lon: number | null;
  error_m: number | null;
}

/** Where it is, by hand or by the words; null when nothing is known. */
export function placeNow(): Where | null {
  if (draft.place) return { name: draft.place.address, lat: draft.place.lat, lon: draft.place.lon, error_m: draft.place.error_m };
  const place = hearing.now?.place;
  if (!place || (place.lat == null && !place.areas.length)) return null;
  const spot = hearing.spots.find((each) => each.code === place.code);
  const said = spot ? draft.words.slice(spot.start, spot.end) : "";
  return { name: place.address || said || place.areas[0] || "", lat: place.lat ?? null, lon: place.lon ?? null, error_m: place.error_m ?? null };
}

let asked = false;

/** Ask for the cards once: a city may have none, which is no reason to ask again; a fault is, when one is needed. */
export async function loadCards(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    cards.all = await get("/api/scams", { byItself: true });
  } catch {
    asked = false;
  }
}
