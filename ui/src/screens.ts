// Every screen: its path is `/code`, its words `screen_code.toml`, its folder screens/code. `roles` are those
// whose main screen it is (they land there); what a person may really see and do is decided by the house.
import type { Component } from "svelte";

export interface Screen {
  code: string;
  roles: readonly string[];
  load: () => Promise<{ default: Component }>;
}

export const SCREENS: readonly Screen[] = [
  { code: "desk", roles: ["call_taker"], load: () => import("./screens/desk/Desk.svelte") },
  { code: "board", roles: ["dispatcher", "supervisor"], load: () => import("./screens/board/Board.svelte") },
  { code: "inbox", roles: ["clerk"], load: () => import("./screens/inbox/Inbox.svelte") },
  { code: "unit", roles: ["unit"], load: () => import("./screens/unit/Unit.svelte") },
  { code: "wall", roles: [], load: () => import("./screens/wall/Wall.svelte") },
  { code: "measures", roles: ["analyst"], load: () => import("./screens/measures/Measures.svelte") },
  { code: "drill", roles: [], load: () => import("./screens/drill/Drill.svelte") },
  { code: "admin", roles: ["administrator", "data_officer", "auditor"], load: () => import("./screens/admin/Admin.svelte") },
];
const HOME: Screen = { code: "home", roles: [], load: () => import("./screens/home/Home.svelte") };

/** Screens that fill the whole window and bring their own bar. */
export const BARE: ReadonlySet<string> = new Set(["wall", "unit"]);

export const screenOf = (path: string): Screen =>
  SCREENS.find((each) => path === `/${each.code}` || path.startsWith(`/${each.code}/`)) ?? HOME;
