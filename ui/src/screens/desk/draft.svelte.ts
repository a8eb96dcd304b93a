// The call that is being taken. It survives a browser that dies: kept on this machine under the name of who
// types it, until it is taken, thrown away, or somebody signs out.
import { newKey } from "$lib/api";
import { city } from "$lib/city.svelte";
import { recallJson, remember } from "$lib/memory";
import { speech } from "$lib/words.svelte";
import { languageOf } from "./language";

// As much as the house takes of one call (WORDS_MAX); more would be refused after it had been typed.
export const WORDS_MAX = 20_000;
// A draft of yesterday is no call of today.
const KEEP_MS = 12 * 3_600_000;
const NAME = "desk.draft";
const SAVE_MS = 150;

export interface Place {
  lat: number | null;
  lon: number | null;
  address: string;
  error_m: number | null;
}
export interface Draft {
  words: string;
  type: string;
  priority: number;
  place: Place | null;
  answers: Record<string, string>;
  name: string;
  phone: string;
  lang: string;
  join: number;
  /** Said again with the same key, the call is taken once. */
  key: string;
}

const empty = (): Draft => ({ words: "", type: "", priority: 0, place: null, answers: {}, name: "", phone: "", lang: "", join: 0, key: newKey() });
interface Kept {
  who: string;
  at: number;
  draft: Draft;
}

function kept(): Draft | null {
  const found = recallJson<Kept | null>(NAME, null);
  if (!found?.draft || found.who !== city.who?.actor || Date.now() - found.at > KEEP_MS) {
    remember(NAME, null);
    return null;
  }
  return { ...empty(), ...found.draft, words: String(found.draft.words).slice(0, WORDS_MAX) };
}

const before = kept();
export const draft = $state<Draft>(before ?? empty());
export const fromBefore = before !== null && before.words !== "";
export const untouched = (): boolean => !draft.words && !draft.type && !draft.phone && !draft.name;
/** Nothing of a matter yet, though it may be known who calls. */
export const blank = (): boolean => !draft.words && !draft.type;

let timer = 0;
function save(): void {
  clearTimeout(timer);
  timer = 0;
  const value: Kept = { who: city.who?.actor ?? "", at: Date.now(), draft: { ...draft } };
  remember(NAME, untouched() ? null : JSON.stringify(value));
}
/** Call after every change; a page that goes away saves at once. */
export function keep(): void {
  timer ||= window.setTimeout(save, SAVE_MS);
}
window.addEventListener("pagehide", () => void (timer && save()));

export function clear(): void {
  clearTimeout(timer);
  timer = 0;
  Object.assign(draft, empty());
  remember(NAME, null);
}

/** The next matter of the same caller: who calls stays, the rest begins anew. */
export function clearMatter(): void {
  const { name, phone, lang } = draft;
  clear();
  Object.assign(draft, { name, phone, lang });
  keep();
}

/** The language of the caller: what somebody chose, or what the words are in. */
export const speaks = (): string => draft.lang || languageOf(draft.words);
/** A text of the pack in the caller's language; empty where the screen says it in that already. */
export const inTheirs = (each: Record<string, string> | null | undefined): string => (speaks() === speech.lang ? "" : (each?.[speaks()] ?? ""));

/** The draft as the house takes it. */
export function asCall(): Record<string, unknown> {
  const { words, type, priority, place, answers, name, phone, lang, join } = draft;
  const said = Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== ""));
  const contact = Object.fromEntries(Object.entries({ name, phone, lang: lang || speaks() }).filter(([, value]) => value));
  return {
    channel: "desk",
    words,
    ...(type ? { stated_type: type } : {}),
    ...(priority ? { stated_priority: priority } : {}),
    ...(place?.lat != null ? { lat: place.lat, lon: place.lon, ...(place.error_m ? { error_m: place.error_m } : {}) } : {}),
    ...(place?.address ? { address: place.address } : {}),
    ...(Object.keys(said).length ? { answers: said } : {}),
    ...(name || phone ? { contact } : {}),
    ...(join ? { incident: join } : {}),
  };
}
