// Every screen: its path is `/code`, its words `screen_code.toml`, its folder screens/code. `mine` are the
// roles whose main screen it is, `also` those who find it in their bar; what a person may really see and do
// is decided by the house.
import type { Component } from "svelte";

export interface Screen {
  code: string;
  mine: readonly string[];
  also: readonly string[];
  load: () => Promise<{ default: Component }>;
}
const LEAD = ["supervisor"];
const DESKS = ["call_taker", "dispatcher", "supervisor"];
const OVERSIGHT = ["analyst", "data_officer", "auditor", "administrator"];

export const SCREENS: readonly Screen[] = [
  { code: "desk", mine: ["call_taker"], also: DESKS, load: () => import("./screens/desk/Desk.svelte") },
  { code: "board", mine: ["dispatcher", "supervisor"], also: DESKS, load: () => import("./screens/board/Board.svelte") },
  { code: "inbox", mine: ["clerk"], also: LEAD, load: () => import("./screens/inbox/Inbox.svelte") },
  { code: "unit", mine: ["unit"], also: [], load: () => import("./screens/unit/Unit.svelte") },
  { code: "wall", mine: [], also: DESKS, load: () => import("./screens/wall/Wall.svelte") },
  { code: "measures", mine: ["analyst"], also: [...DESKS, "clerk", ...OVERSIGHT], load: () => import("./screens/measures/Measures.svelte") },
  { code: "plans", mine: [], also: [...LEAD, "dispatcher", "analyst"], load: () => import("./screens/plans/Plans.svelte") },
  { code: "drill", mine: [], also: [], load: () => import("./screens/drill/Drill.svelte") },
  { code: "admin", mine: ["administrator", "data_officer", "auditor"], also: LEAD, load: () => import("./screens/admin/Admin.svelte") },
];
// Everybody's own, behind their name at the top.
const ACCOUNT: Screen = { code: "account", mine: [], also: [], load: () => import("./screens/account/Account.svelte") };
const HOME: Screen = { code: "home", mine: [], also: [], load: () => import("./screens/home/Home.svelte") };

/** Screens that fill the whole window and bring their own bar. */
export const BARE: ReadonlySet<string> = new Set(["wall", "unit"]);

export const screenOf = (path: string): Screen =>
  [...SCREENS, ACCOUNT].find((each) => path === `/${each.code}` || path.startsWith(`/${each.code}/`)) ?? HOME;

/** The screens of a role, its main one first; in a drill everybody may see how it stands. */
export const screensOf = (role: string, drill: boolean): Screen[] => {
  const mine = SCREENS.filter((each) => each.mine.includes(role));
  const also = SCREENS.filter((each) => (each.code === "drill" ? drill : each.also.includes(role)));
  return [...mine, ...also.filter((each) => !mine.includes(each))];
};
