// Which steps of the demo county's tour have been done in this browser: a step is done by the command, or the look,
// that it asks for. The first and the last are the citizen's, whose pages tell by themselves (citizen.js).
import { city } from "$lib/city.svelte";
import { recall, remember } from "$lib/memory";

const NAME = "tour_been";
const DONE_BY: [RegExp, string, string][] = [
  [/^\/api\/calls$/, "call_taker", "desk"],
  [/^\/api\/incidents\/\{incident\}\/dispatch$/, "dispatcher", "board"],
  [/^\/api\/units\/\{unit\}\/advance$/, "unit", "unit"],
  [/^\/api\/incidents\/\{incident\}\/referrals\/\{n\}\/(resolve|return)$/, "clerk", "inbox"],
  [/^\/api\/measures\/\{measure\}\/list$/, "supervisor", "measures"],
  [/^\/api\/(record\/check|accounts)$/, "administrator", "admin"],
];

export const done = (): string[] => (recall(NAME) ?? "").split(" ").filter(Boolean);
export const over = (): void => remember(NAME, null);

/** The house has done this for whoever is signed in. */
export function did(method: "get" | "post", address: string): void {
  if (!city.who?.demo) return;
  const step = DONE_BY.find(([path, role]) => role === city.who?.role && path.test(address))?.[2];
  if (!step || (method === "get") !== (step === "measures")) return;
  const steps = done();
  if (!steps.includes(step)) remember(NAME, [...steps, step].join(" "));
}
