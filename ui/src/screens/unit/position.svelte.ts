// Where a unit is: told only while it has agreed and is on duty, not more often than a map can show, never later.
import { post } from "$lib/api";
import { now } from "$lib/clock.svelte";
import { metres, type Point } from "./way";

// A car in a street moves this far in a few seconds; nearer is the error of the receiver.
const STEP_M = 25;
const EVERY_MS = 15_000;

export interface Where {
  readonly here: Point | null;
  readonly told: number;
  /** `denied`, `absent` or empty. */
  readonly fault: string;
  follow: (unit: string) => () => void;
}

export function followPosition(): Where {
  let here = $state.raw<Point | null>(null);
  let told = $state(0);
  let fault = $state("");
  let last: Point | null = null;

  function follow(unit: string): () => void {
    if (!navigator.geolocation) return (fault = "absent"), () => undefined;
    const heard = (found: GeolocationPosition): void => {
      fault = "";
      here = { lat: found.coords.latitude, lon: found.coords.longitude };
      if (now() - told < EVERY_MS || (last && metres(last, here) < STEP_M)) return;
      last = here;
      told = now();
      // What could not be told is not told later: where one was is nobody's business.
      void post("/api/units/{unit}/move", { path: { unit }, body: here }).catch(() => undefined);
    };
    const failed = (error: GeolocationPositionError): void => void (fault = error.code === error.PERMISSION_DENIED ? "denied" : "absent");
    const id = navigator.geolocation.watchPosition(heard, failed, { enableHighAccuracy: true, maximumAge: 5_000 });
    return () => (navigator.geolocation.clearWatch(id), (here = null));
  }
  return {
    get here() { return here; },
    get told() { return told; },
    get fault() { return fault; },
    follow,
  };
}
