// How the big screen asks: with its own key, where it has one (given once as /wall#key=…), else as who is signed in.
import type { paths } from "$lib/schema";
import { recall, remember } from "$lib/memory";

type Json<P extends keyof paths> = paths[P] extends { get: { responses: { 200: { content: { "application/json": infer A } } } } } ? A : never;
export type WallNow = Json<"/api/wall">;
export type WallCounty = Json<"/api/wall/county">;
export type WallReach = Json<"/api/wall/reach">;

/** Nobody may see this here: a key or somebody signed in is needed. */
export class Shut extends Error {}

/** The house is there, but what it answers is a fault of its own. */
export class Failed extends Error {
  constructor(readonly status: number) {
    super(String(status));
  }
}

const TIMEOUT_MS = 10_000;
const KEY = /[#&]key=([\w.-]{1,200})/;

/** The key leaves the address at once, so that it stands on no wall and in no history. */
export function takeKey(): void {
  const given = KEY.exec(location.hash)?.[1];
  if (!given) return;
  remember("wall_key", given);
  history.replaceState(null, "", location.pathname + location.search);
}

export async function ask<A>(address: string): Promise<A> {
  const key = recall("wall_key");
  const response = await fetch(address, {
    headers: { "Huying-Background": "1", ...(key ? { Authorization: `Bearer ${key}` } : {}) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if ([401, 403, 423].includes(response.status)) throw new Shut(String(response.status));
  if (!response.ok) throw new Failed(response.status);
  return (await response.json()) as A;
}
