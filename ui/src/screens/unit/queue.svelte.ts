// The queue of a unit's phone: every command goes into it first and leaves it when the house has answered.
// In order, one at a time; without a network it waits, and a killed browser finds it again.
import { newKey, Offline, post, Refused } from "$lib/api";
import { city } from "$lib/city.svelte";
import { now } from "$lib/clock.svelte";
import { sendPhoto } from "$lib/photos";
import { t } from "$lib/words.svelte";
import { allItems, dropItem, putItem, type Item, type Kind } from "./store";

// A whole shift without a network, with room; a phone lends a page some hundred megabytes.
const ITEMS_MAX = 200;
const BYTES_MAX = 80_000_000;
const AGAIN_MS = 4_000;
const AGAIN_MS_MAX = 60_000;
// What these say is that it is done already: somebody's second press, or an answer that got lost.
const DONE = new Set(["already_so", "key_reused"]);

// Not proxies: what lies in the database must be plain.
let items = $state.raw<Item[]>([]);
let running = false;
let timer = 0;
let pause = AGAIN_MS;
export const queue = {
  get items(): Item[] {
    return items;
  },
  get refused(): Item[] {
    return items.filter((each) => each.refused);
  },
};

const actor = (): string => city.who?.actor ?? "";

/** Read what waits from before; call when the page opens. */
export async function openQueue(): Promise<void> {
  items = (await allItems()).filter((each) => each.actor === actor());
  void drain();
}

export interface Said {
  kind: Kind;
  unit: string;
  incident?: number;
  n?: number;
  to?: string;
  words?: string;
  pictures?: Blob[];
}

/** Take a command: it is on the phone's disk when this resolves, and is sent as soon as that can be. */
export async function take(said: Said): Promise<void> {
  const bytes = [...items.flatMap((each) => each.pictures), ...(said.pictures ?? [])].reduce((sum, each) => sum + each.size, 0);
  if (items.length >= ITEMS_MAX || bytes > BYTES_MAX) throw new Refused("queue_full", t("unit.full"), t("unit.full.do"), 0);
  const item: Omit<Item, "id"> = {
    actor: actor(), kind: said.kind, unit: said.unit, incident: said.incident ?? 0, n: said.n ?? 0, key: newKey(),
    done_at: new Date(now()).toISOString(), to: said.to ?? "", words: said.words ?? "", pictures: said.pictures ?? [],
    kept: [], round: 0, refused: null,
  };
  items = [...items, { ...item, id: await putItem(item) }];
  void drain();
}

const isStep = (item: Item): boolean => item.kind === "advance" || item.kind === "status";

/** What is sent next: a step waits for a refused one before it, a note and a cry for help wait for nobody; notes
 * with their pictures let a cry go before them. */
function next(): Item | undefined {
  const cry = items.some((each) => each.kind === "backup" && !each.refused);
  let held = false;
  for (const each of items) {
    if (each.refused) held ||= isStep(each);
    else if (cry && each.kind === "note") continue;
    else if (!held || !isStep(each)) return each;
  }
  return undefined;
}

/** Send what waits, in order, until the network is gone or all is told. */
export async function drain(): Promise<void> {
  if (running) return;
  running = true;
  clearTimeout(timer);
  try {
    for (let item = next(); item; item = next()) await deliver(item);
    pause = AGAIN_MS;
  } catch {
    timer = window.setTimeout(drain, pause);
    pause = Math.min(pause * 2, AGAIN_MS_MAX);
  } finally {
    running = false;
  }
}

/** It is taken, or refused for good; throws where the same may be sent again later. */
async function deliver(item: Item): Promise<void> {
  try {
    await send(item);
  } catch (error) {
    if (error instanceof Refused && error.code === "photo_gone" && item.round < 3) {
      await change({ ...item, kept: [], round: item.round + 1 });
      throw new Offline("pictures are handed in again");
    }
    const later = !(error instanceof Refused) || error.status >= 500 || error.status === 429 || error.status === 401 || error.status === 423;
    if (later) throw error;
    if (!DONE.has(error.code)) {
      return change({ ...item, refused: { code: error.code, message: error.message, todo: error.todo } });
    }
  }
  await drop(item);
}

async function send(item: Item): Promise<void> {
  const { unit, incident, key, done_at, words } = item;
  if (item.kind === "advance") {
    const body = { to: item.to, incident, n: item.n, disposition: words, done_at };
    await post("/api/units/{unit}/advance", { path: { unit }, body, key });
  } else if (item.kind === "backup") {
    await post("/api/units/{unit}/backup", { path: { unit }, body: { incident, words, done_at }, key });
  } else if (item.kind === "status") {
    await post("/api/units/{unit}/status", { path: { unit }, body: { status: item.to, done_at }, key });
  } else {
    const photos: string[] = [];
    for (const [at, picture] of item.pictures.entries()) {
      let kept = item.kept[at] ?? null;
      if (!kept || kept.until < now()) {
        kept = await sendPhoto(picture, `${key}-${item.round}-${at}`);
        item.kept[at] = kept;
        await putItem(item);
      }
      photos.push(kept.photo);
    }
    await post("/api/incidents/{incident}/notes", { path: { incident }, body: { words, photos, done_at }, key });
  }
}

async function change(item: Item): Promise<void> {
  await putItem(item);
  items = items.map((each) => (each.id === item.id ? item : each));
}

/** Take one out: it was told, or a person has read why it was refused. */
export async function drop(item: Item): Promise<void> {
  await dropItem(item.id);
  items = items.filter((each) => each.id !== item.id);
}

/** Send a refused one again: as it was, or `fresh` as something that is done now. */
export async function again(item: Item, fresh: boolean): Promise<void> {
  const anew = fresh ? { key: newKey(), done_at: new Date(now()).toISOString() } : { key: newKey() };
  await change({ ...item, ...anew, refused: null });
  void drain();
}
