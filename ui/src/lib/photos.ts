// Pictures: handed in one by one as they are chosen, named by the command that needs them within the hour.
import { newKey, Offline, refusedBy } from "$lib/api";
import { speech } from "$lib/words.svelte";

/** A picture that was handed in: `photo` is its name for one command, good until the instant `until` (ms). */
export interface Kept {
  photo: string;
  until: number;
}
export const PHOTOS_MAX = 6;

/** Hand in one picture; the same key hands in the same picture once. */
export async function sendPhoto(picture: Blob, key = newKey()): Promise<Kept> {
  let answer: Response;
  try {
    const headers = { "Idempotency-Key": key, "Accept-Language": speech.lang, "Content-Type": picture.type || "image/jpeg" };
    answer = await fetch("/api/photos", { method: "POST", body: picture, headers });
  } catch (error) {
    throw new Offline(String(error));
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refusedBy(answer.status, told);
  return { photo: told.photo, until: Date.parse(told.until) };
}
