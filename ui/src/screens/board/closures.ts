// What a closure is called on the map and in the list.
import type { Answer } from "$lib/api";
import { actorName } from "$lib/because";
import { dayTime } from "$lib/clock.svelte";
import { t } from "$lib/words.svelte";

type Closure = Answer<"get", "/api/closures">["items"][number];

/** Who closed it and until when. */
export const closureTold = (each: Closure, names: Record<string, string>): string =>
  t("screen_board.closure.by", { by: actorName(each.by ?? "", names), until: each.until_at ? t("screen_board.closure.till", { at: dayTime(each.until_at) }) : t("screen_board.closure.open_end") });
