// Why a machine proposed something, in a sentence; codes are said by the city's names.
import "words:ability";
import "words:desk";
import "words:dispatch";
import "words:geo";
import "words:roles";
import "words:routing";
import "words:timeline";
import "words:triage";
import "words:understanding";
import { agencyName, city, typeName, unitName } from "$lib/city.svelte";
import { speech, t, text } from "$lib/words.svelte";

interface Reason {
  key: string;
  of?: string;
  values?: Record<string, unknown>;
}
const NAMES: Record<string, (code: string) => string> = { unit: unitName, other: unitName, agency: agencyName, type: typeName, ability: (code) => ability(code), kind: (code) => unitKind(code), other_ability: (code) => ability(code), instead: (code) => (unitName(code) === code ? ability(code) : unitName(code)) };

const LASTING = { seconds: "time", within_s: "wanted", sooner: "sooner_time", later: "later_time" };
const far = (metres: number): string => (metres < 1000 ? t("far.metres", { n: Math.round(metres) }) : t("far.kilometres", { n: (metres / 1000).toFixed(1) }));

/** What a machine gave as a reason or an answer is a code; what people wrote stays as they wrote it. */
export function plainly(said: string): string {
  const why = /^[a-z_]{3,40}$/.test(said) ? known(`why.${said}`) : "";
  return text(city.pack?.dispositions.find((each) => each.code === said)?.name) || why || said;
}

/** Who did it: a crew or an office by its name, who tries the demo county by the role, oneself by one's name; what
 * is no person by the project's word. Colleagues are called as `names` says, or as their accounts are. */
export function actorName(actor: string, names: Record<string, string> = {}): string {
  if (actor === city.who?.actor && city.who.name) return city.who.name;
  const [, kind, code] = /^sim\.(unit|agency)\.(.+)$/.exec(actor) ?? [];
  if (kind) return kind === "unit" ? unitName(code!) : agencyName(code!);
  if (actor.startsWith("record.")) return t("actor.sim.record");
  return known(`role.${/^demo-(\w+)$/.exec(actor)?.[1]}`) || names[actor] || known(`actor.${actor}`) || actor;
}
/** The sentence of a key that may not be there; empty then. */
function known(key: string): string {
  const said = t(key);
  return said === key ? "" : said;
}

export function because(reason: Reason): string {
  const values: Record<string, string | number> = { of: reason.of ?? "" };
  for (const [name, value] of Object.entries(reason.values ?? {})) {
    const named = NAMES[name];
    values[name] = named ? named(String(value)) : (value as string | number);
  }
  for (const [name, room] of Object.entries(LASTING)) if (typeof values[name] === "number") values[room] = minutes(Number(values[name]));
  if (typeof values["metres"] === "number") values["far"] = far(Number(values["metres"]));
  // What a city says in each language comes as name_zh and name_en, and fills {name}.
  const end = `_${speech.lang}`;
  for (const name of Object.keys(values)) if (name.endsWith(end)) values[name.slice(0, -end.length)] = values[name]!;
  return t(`reason.${reason.key}`, values);
}

/** 200 s → 3′20″, as it is said at a desk. */
export const minutes = (seconds: number): string =>
  `${Math.floor(Math.round(seconds) / 60)}′${String(Math.round(seconds) % 60).padStart(2, "0")}″`;

/** What a unit can do, by the project's word for it, or the city's own code. */
export const ability = (code: string): string => known(`ability.${code}`) || code;

/** A kind of unit by the project's word for it. */
export const unitKind = (code: string): string => known(`unit_kind.${code}`) || code;

/** How a call came in; the number of another service is its own name. */
export const channelName = (code: string): string => known(`channel.${code}`) || code;
