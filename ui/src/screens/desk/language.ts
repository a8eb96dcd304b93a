// Which language a caller speaks, by the words as they were typed.
import type { Lang } from "$lib/words.svelte";

export const LANGS: Record<Lang, string> = { zh: "中文", en: "English" };
// A number plate or a shop's name in Latin letters is no English caller.
const LETTERS_MIN = 12;
const CHINESE = /[\u3400-\u9fff]/;

export function languageOf(words: string): Lang | "" {
  if (CHINESE.test(words)) return "zh";
  return (words.match(/[a-z]/gi)?.length ?? 0) >= LETTERS_MIN ? "en" : "";
}
