// What a phone keeps for its unit, in IndexedDB: commands that wait for a network, and the last assignment as it
// was read. Bound to who is signed in; another person on the same phone is shown none of it.
import type { Kept } from "$lib/photos";

export type Kind = "advance" | "note" | "backup" | "status";

/** One command that waits. `key` makes that it is carried out once however often it is sent; `incident` and `n`
 * name the assignment it is for; `done_at` (ISO) is when it was done. */
export interface Item {
  id: number;
  actor: string;
  kind: Kind;
  unit: string;
  incident: number;
  n: number;
  key: string;
  done_at: string;
  /** What the command says besides; for steps `to` and `disposition`, for notes and calls for help `words`. */
  to: string;
  words: string;
  pictures: Blob[];
  /** Names of pictures that were handed in already, and how often they were. */
  kept: (Kept | null)[];
  round: number;
  refused: { code: string; message: string; todo: string } | null;
}

const NAME = "huying-unit";
const ITEMS = "items";
const SEEN = "seen";
let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  return (opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(ITEMS, { keyPath: "id", autoIncrement: true });
      asked.result.createObjectStore(SEEN);
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => ((opened = null), failed(asked.error));
  }));
}

/** One transaction; it is on the disk when this resolves. */
async function within<T>(store: string, mode: IDBTransactionMode, does: (at: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const base = await database();
  return new Promise((done, failed) => {
    const all = base.transaction(store, mode, { durability: "strict" });
    const asked = does(all.objectStore(store));
    all.oncomplete = () => done(asked.result);
    all.onerror = all.onabort = () => failed(all.error);
  });
}

export async function putItem(item: Omit<Item, "id"> & { id?: number }): Promise<number> {
  return Number(await within(ITEMS, "readwrite", (at) => at.put(item)));
}
export const dropItem = (id: number): Promise<undefined> => within(ITEMS, "readwrite", (at) => at.delete(id));
export const allItems = (): Promise<Item[]> => within(ITEMS, "readonly", (at) => at.getAll() as IDBRequest<Item[]>);

export const putSeen = (actor: string, seen: unknown): Promise<IDBValidKey> => within(SEEN, "readwrite", (at) => at.put(seen, actor));
export const getSeen = <T>(actor: string): Promise<T | undefined> => within(SEEN, "readonly", (at) => at.get(actor) as IDBRequest<T | undefined>);
/** Forget what others have seen on this phone. */
export async function forgetOthers(actor: string): Promise<void> {
  const names = await within(SEEN, "readonly", (at) => at.getAllKeys());
  for (const name of names) if (name !== actor) await within(SEEN, "readwrite", (at) => at.delete(name));
}
