// How a person likes to see the screens: theme, contrast, size of text. Set as attributes of <html>, which
// tokens.css answers; the system's own wishes hold until somebody chooses.
import { recall, remember } from "$lib/memory";

export const THEMES = ["system", "light", "dark", "contrast"] as const;
export const SIZES = ["100", "125", "150", "200"] as const;
export type Theme = (typeof THEMES)[number];

const asked = new URLSearchParams(location.search);
export const prefs = $state({
  theme: (asked.get("theme") ?? recall("theme") ?? "system") as Theme,
  size: recall("size") ?? "100",
  sound: recall("sound") !== "off",
});

export const shownTheme = (): "light" | "dark" | "contrast" =>
  prefs.theme !== "system" ? prefs.theme : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

export function dress(): void {
  document.documentElement.dataset["theme"] = shownTheme();
  document.documentElement.style.fontSize = `${(16 * Number(prefs.size)) / 100}px`;
}

export function choose(change: Partial<{ theme: Theme; size: string; sound: boolean }>): void {
  Object.assign(prefs, change);
  remember("theme", prefs.theme === "system" ? null : prefs.theme);
  remember("size", prefs.size);
  remember("sound", prefs.sound ? "on" : "off");
  dress();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
