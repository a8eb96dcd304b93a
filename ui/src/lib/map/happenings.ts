// Layers of what happens, above the ground: reach, plans, closures, ways, stations, units, incidents.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { FONTS } from "./style";

export const SOURCES = ["beyond", "areas", "reach", "plans", "closures", "way", "draft", "stations", "units", "incidents"] as const;
export type SourceName = (typeof SOURCES)[number];
/** Layers that answer to a click, what lies on top first. */
export const TOUCHED = ["incident", "unit", "closure-sign", "station"] as const;

const isArea: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];
const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
const chosen = (selected: string): ExpressionSpecification => ["==", ["get", "key"], selected];

export function happenings(token: (name: string) => string, selected: string, scale: number): LayerSpecification[] {
  const halo = { "text-halo-color": token("sheet"), "text-halo-width": 1.6 * scale };
  const text = { "text-font": FONTS, "text-size": 12 * scale, "text-optional": true };
  const many: LayerSpecification[] = [
    { id: "areas", type: "fill", source: "areas", paint: { "fill-color": token("accent"), "fill-opacity": ["match", ["get", "n"], 0, 0.16, 1, 0.11, 0.07] } },
    { id: "areas-edge", type: "line", source: "areas", layout: { "line-join": "round" }, paint: { "line-color": token("accent"), "line-width": ["match", ["get", "n"], 0, 2 * scale, 1.2 * scale], "line-opacity": ["match", ["get", "n"], 0, 0.9, 1, 0.6, 0.4] } },
    // Nearest first in colour; every band also has its own width.
    { id: "reach", type: "line", source: "reach", layout: { "line-cap": "round" }, paint: { "line-color": token("accent"), "line-width": ["interpolate", ["linear"], ["zoom"], 9, ["case", ["==", ["get", "n"], 0], 2.6 * scale, 1.4], 15, ["case", ["==", ["get", "n"], 0], 6, 4]], "line-opacity": ["match", ["get", "n"], 0, 0.75, 1, 0.5, 0.3] } },
    { id: "plan-area", type: "fill", source: "plans", filter: isArea, paint: { "fill-color": token("accent"), "fill-opacity": 0.12 } },
    { id: "plan-line", type: "line", source: "plans", filter: ["!", isPoint], paint: { "line-color": token("accent"), "line-width": 2.4, "line-dasharray": [3, 2] } },
    { id: "plan-point", type: "circle", source: "plans", filter: isPoint, paint: { "circle-radius": 7 * scale, "circle-color": token("accent-soft"), "circle-stroke-color": token("accent"), "circle-stroke-width": 2.4 } },
    { id: "plan-name", type: "symbol", source: "plans", filter: isPoint, layout: { ...text, "text-field": ["coalesce", ["get", "name"], ""], "text-offset": [0, 1.2], "text-anchor": "top" }, paint: { "text-color": token("ink"), ...halo } },
    { id: "closure", type: "fill", source: "closures", filter: isArea, paint: { "fill-color": ["case", ["get", "slow"], token("soon"), token("late")], "fill-opacity": 0.2 } },
    { id: "closure-edge", type: "line", source: "closures", filter: isArea, paint: { "line-color": ["case", ["get", "slow"], token("soon"), token("late")], "line-width": 1.6, "line-dasharray": [2, 1.5] } },
    { id: "way-edge", type: "line", source: "way", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("sheet"), "line-width": 9 * scale } },
    { id: "way", type: "line", source: "way", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("accent"), "line-width": 5 * scale } },
    { id: "station", type: "symbol", source: "stations", layout: { ...text, "icon-image": ["case", ["get", "joint"], "station_joint", "station"], "icon-size": ["case", ["get", "joint"], 0.95 * scale, 0.72 * scale], "icon-allow-overlap": true, "icon-ignore-placement": true, "text-field": ["step", ["zoom"], ["case", ["get", "joint"], ["get", "name"], ""], 12, ["get", "name"]], "text-offset": [0, 1.1], "text-anchor": "top" }, paint: { "text-color": token("soft"), ...halo } },
    { id: "closure-sign", type: "symbol", source: "closures", filter: isPoint, layout: { ...text, "icon-image": ["case", ["get", "slow"], "slow", "closed"], "icon-size": 0.9 * scale, "icon-allow-overlap": true, "text-field": ["step", ["zoom"], "", 9, ["get", "words"]], "text-offset": [0, 1.1], "text-anchor": "top", "text-max-width": 14 }, paint: { "text-color": token("ink"), ...halo } },
    { id: "unit", type: "symbol", source: "units", layout: { ...text, "icon-image": ["concat", "u_", ["get", "status"]], "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.6 * scale, 12, 0.9 * scale], "icon-allow-overlap": true, "icon-ignore-placement": true, "text-field": ["step", ["zoom"], "", 13, ["get", "name"]], "text-offset": [0, 1], "text-anchor": "top", "symbol-sort-key": ["match", ["get", "status"], "out_of_service", 0, "available", 1, 2] }, paint: { "text-color": token("ink"), ...halo } },
    { id: "chosen", type: "circle", source: "incidents", filter: chosen(selected), paint: ring(token, scale) },
    { id: "chosen-unit", type: "circle", source: "units", filter: chosen(selected), paint: ring(token, scale) },
    { id: "chosen-station", type: "circle", source: "stations", filter: chosen(selected), paint: ring(token, scale) },
    // The most urgent lies on top; ages give way to signs, never to one another's place.
    { id: "incident", type: "symbol", source: "incidents", layout: { ...text, "text-size": 13 * scale, "icon-image": ["concat", "p", ["to-string", ["get", "p"]]], "icon-size": ["interpolate", ["linear"], ["zoom"], 9, byUrgency(1, 0.92, 0.74, 0.56, 0.5, scale), 14, byUrgency(1.1, 1.05, 0.98, 0.9, 0.84, scale)], "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["-", 6, ["get", "p"]], "text-field": ["get", "age"], "text-offset": [0, 0.95], "text-anchor": "top" }, paint: { "text-color": token("ink"), ...halo } },
    { id: "incident-late", type: "symbol", source: "incidents", filter: ["all", ["get", "late"], ["<=", ["get", "p"], 3]], layout: { "icon-image": "late", "icon-size": scale, "icon-offset": [0, -15], "icon-allow-overlap": true } },
    { id: "draft-area", type: "fill", source: "draft", filter: isArea, paint: { "fill-color": token("accent"), "fill-opacity": 0.18 } },
    { id: "draft-line", type: "line", source: "draft", filter: ["!", isPoint], paint: { "line-color": token("accent"), "line-width": 2.4, "line-dasharray": [2, 1.5] } },
    { id: "draft-corner", type: "circle", source: "draft", filter: ["all", isPoint, ["has", "corner"]], paint: { "circle-radius": 5 * scale, "circle-color": token("sheet"), "circle-stroke-color": token("accent"), "circle-stroke-width": 2.4 } },
    { id: "draft-pin", type: "symbol", source: "draft", filter: ["all", isPoint, ["!", ["has", "corner"]]], layout: { "icon-image": "pin", "icon-size": 1.3 * scale, "icon-allow-overlap": true } },
  ];
  return many;
}

/** What can wait is smaller, most of all from afar. */
const byUrgency = (p1: number, p2: number, p3: number, p4: number, p5: number, scale: number): ExpressionSpecification =>
  ["match", ["get", "p"], 1, p1 * scale, 2, p2 * scale, 3, p3 * scale, 4, p4 * scale, p5 * scale];

const ring = (token: (name: string) => string, scale: number) => ({
  "circle-radius": 16 * scale,
  "circle-color": token("accent"),
  "circle-opacity": 0.18,
  "circle-stroke-color": token("accent"),
  "circle-stroke-width": 3,
});
