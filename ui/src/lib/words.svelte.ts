// The words of the screens in both languages, and the language that is shown: it switches without a reload.
import { recall, remember } from "$lib/memory";

export type Lang = "zh" | "en";
type Slots = Record<string, string | number>;

const said: Record<Lang, Record<string, string>> = { zh: {}, en: {} };
const asked = new URLSearchParams(location.search).get("lang") ?? recall("lang") ?? navigator.language.slice(0, 2);
export const speech = $state<{ lang: Lang }>({ lang: asked === "en" ? "en" : "zh" });
document.documentElement.lang = speech.lang;

/** Called by `import "words:room"`. */
export function learn(zh: Record<string, string>, en: Record<string, string>): void {
  Object.assign(said.zh, zh);
  Object.assign(said.en, en);
}

export function speak(lang: Lang): void {
  speech.lang = lang;
  document.documentElement.lang = lang;
  remember("lang", lang);
}

/** The sentence for a key, with {slots} filled. A key made at run time may be unknown: it is shown as it is. */
export function t(key: string, slots: Slots = {}): string {
  const sentence = said[speech.lang][key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, slot: string) => String(slots[slot] ?? whole));
}

/** A text that a pack gives in several languages. */
export function text(each: Record<string, string> | null | undefined): string {
  return each?.[speech.lang] ?? Object.values(each ?? {})[0] ?? "";
}

/** Names one after another, as each language writes them. */
export const listed = (names: readonly string[]): string => names.join(speech.lang === "zh" ? "、" : ", ");

export const number = (each: number, digits = 0): string =>
  each.toLocaleString(speech.lang === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: digits });
