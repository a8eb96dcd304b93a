// The city's own rows (its pack) and who is signed in: asked for once, before any screen is shown.
import { get, leave, type Answer } from "$lib/api";
import { text } from "$lib/words.svelte";

export type Pack = Answer<"get", "/api/pack">;
export type Who = Answer<"get", "/api/session">;

interface City {
  pack: Pack | null;
  who: Who | null;
  timezone: string;
}
export const city = $state<City>({ pack: null, who: null, timezone: "" });
let byType = new Map<string, Pack["types"][number]>();
let byAgency = new Map<string, Pack["agencies"][number]>();

export async function enter(): Promise<void> {
  const [pack, who] = await Promise.all([get("/api/pack"), get("/api/session", { byItself: true })]);
  byType = new Map(pack.types.map((each) => [each.code, each]));
  byAgency = new Map(pack.agencies.map((each) => [each.code, each]));
  Object.assign(city, { pack, who, timezone: pack.timezone });
}

// A session that was locked or ended elsewhere shows here within so long, also on a screen that asks for nothing.
const LOOK_MS = 15_000;

/** Whether another person, role, agency, duty or rule sees other things: what was loaded is not for them. */
const isAnother = (who: Who, before: Who | null): boolean =>
  !!before && (["actor", "role", "agency", "unit", "shift", "pack"] as const).some((each) => who[each] !== before[each]);

/** Ask now and then who one still is; call what is returned to stop. */
export function watchSession(): () => void {
  const look = () =>
    get("/api/session", { byItself: true }).then(
      (who) => (who.locked ? leave() : isAnother(who, city.who) ? location.reload() : void (city.who = who)),
      () => undefined,
    );
  const timer = setInterval(look, LOOK_MS);
  const seen = () => document.visibilityState === "visible" && void look(); // a tab that is taken up again
  document.addEventListener("visibilitychange", seen);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", seen);
  };
}

export const typeOf = (code: string): Pack["types"][number] | undefined => byType.get(code);
export const agencyOf = (code: string): Pack["agencies"][number] | undefined => byAgency.get(code);
export const typeName = (code: string): string => text(byType.get(code)?.name) || code;
export const agencyName = (code: string): string => text(byAgency.get(code)?.name) || code;
export const unitName = (code: string): string => text(city.pack?.units[code]) || code;
export const stationName = (code: string): string => text(city.pack?.stations.find((each) => each.code === code)?.name) || code;
