/**
 * How the ground is drawn: grey and calm, so that whatever has a colour is something that happens.
 *
 * Three themes, two languages. No glyphs are fetched: without a `glyphs` address MapLibre draws every letter,
 * Latin and Chinese, with the fonts of the machine. No sprite either: there are no icons on the ground.
 */
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl"

export type MapTheme = "light" | "dark" | "contrast"
export type MapLang = "zh" | "en"

/** The stack of LOOK.md, first what a Chinese machine has. */
export const FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "system-ui", "sans-serif"]
/** MapLibre reads the weight from the names of a stack, and looks for fonts under all of them. */
const BOLD = [...FONTS, "Huying Bold"]

interface Ground {
  sea: string
  shallow: string
  earth: string
  wood: string
  built: string
  plot: string
  beach: string
  water: string
  roadEdge: string
  road: string
  great: string
  motorway: string
  path: string
  border: string
  outside: string
  outsideOpacity: number
  label: string
  quiet: string
  halo: string
  sealabel: string
}

const GROUND: Record<MapTheme, Ground> = {
  light: {
    sea: "#cfd8de",
    shallow: "#d7dfe4",
    earth: "#eeeeea",
    wood: "#e2e7dd",
    built: "#e0dfda",
    plot: "#d6d5d0",
    beach: "#ece7d8",
    water: "#cfd8de",
    roadEdge: "#b4b3ac",
    road: "#ffffff",
    great: "#ffffff",
    motorway: "#dedbd2",
    path: "#c9c8c1",
    border: "#8f908c",
    outside: "#eeeeea",
    outsideOpacity: 0.55,
    label: "#2f3235",
    quiet: "#565a5e",
    halo: "#f4f4f1",
    sealabel: "#4f6675",
  },
  dark: {
    sea: "#10151a",
    shallow: "#131a20",
    earth: "#1d2125",
    wood: "#1b2221",
    built: "#25292d",
    plot: "#2a2e33",
    beach: "#2a2a27",
    water: "#131a20",
    roadEdge: "#171a1d",
    road: "#3d444b",
    great: "#525a62",
    motorway: "#5a626a",
    path: "#333a40",
    border: "#6b737b",
    outside: "#14171a",
    outsideOpacity: 0.6,
    label: "#c3c8cd",
    quiet: "#99a1a8",
    halo: "#171a1d",
    sealabel: "#62788a",
  },
  contrast: {
    sea: "#0c2233",
    shallow: "#0c2233",
    earth: "#000000",
    wood: "#000000",
    built: "#1a1a1a",
    plot: "#262626",
    beach: "#000000",
    water: "#0c2233",
    roadEdge: "#000000",
    road: "#8a8a8a",
    great: "#c4c4c4",
    motorway: "#e0e0e0",
    path: "#6e6e6e",
    border: "#ffffff",
    outside: "#000000",
    outsideOpacity: 0.6,
    label: "#ffffff",
    quiet: "#ffffff",
    halo: "#000000",
    sealabel: "#cfe6f7",
  },
}

export const GROUND_SOURCE = "ground"
const byZoom = (...stops: number[]): ExpressionSpecification => [
  "interpolate",
  ["exponential", 1.6],
  ["zoom"],
  ...stops,
]
const kind = (...kinds: string[]): ExpressionSpecification => ["in", ["get", "kind"], ["literal", kinds]]

/**
 * The style of the ground.
 *
 * @param url where the PMTiles file is, absolute; empty for a county without one (a plain grey surface).
 * @param scale larger lines and letters: 1 on a desk, about 1.6 on a wall that is read from five metres.
 */
export function groundStyle(url: string, theme: MapTheme, lang: MapLang, scale = 1): StyleSpecification {
  const sources: StyleSpecification["sources"] = url
    ? { [GROUND_SOURCE]: { type: "vector", url: `pmtiles://${url}` } }
    : {}
  const c = GROUND[theme]
  return {
    version: 8,
    sources,
    layers: [
      { id: "sea", type: "background", paint: { "background-color": url ? c.sea : c.earth } },
      ...(url ? [...surfaces(c), ...roads(c, scale), ...borders(c, scale), ...names(c, lang, scale)] : []),
    ],
  }
}

function surfaces(c: Ground): LayerSpecification[] {
  const fill = (id: string, layer: string, color: string, filter?: ExpressionSpecification): LayerSpecification => ({
    id,
    type: "fill",
    source: GROUND_SOURCE,
    "source-layer": layer,
    ...(filter ? { filter } : {}),
    paint: { "fill-color": color, "fill-antialias": true },
  })
  return [
    fill("shallow", "water", c.shallow, kind("shallow")),
    fill("earth", "earth", c.earth),
    fill("wood", "landuse", c.wood, kind("wood", "forest")),
    fill("built", "landuse", c.built, kind("residential")),
    fill("beach", "landuse", c.beach, kind("beach")),
    fill("plot", "landuse", c.plot, kind("industrial", "commercial", "school", "hospital", "railway")),
    fill("park", "landuse", c.wood, kind("park")),
    fill("water", "water", c.water, kind("river", "lake")),
    {
      id: "stream",
      type: "line",
      source: GROUND_SOURCE,
      "source-layer": "water",
      filter: kind("river_line"),
      paint: { "line-color": c.water, "line-width": byZoom(8, 0.8, 12, 1.6, 16, 3) },
    },
  ]
}

const GREAT = kind("trunk", "primary", "secondary")
const SMALL = kind("residential", "living_street", "service", "pedestrian", "unclassified")

function roads(c: Ground, scale: number): LayerSpecification[] {
  const line = (
    id: string,
    filter: ExpressionSpecification,
    color: string,
    width: ExpressionSpecification,
    more: Record<string, unknown> = {},
  ): LayerSpecification =>
    ({
      id,
      type: "line",
      source: GROUND_SOURCE,
      "source-layer": "roads",
      filter,
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": color, "line-width": width, ...more },
    }) as LayerSpecification
  const s = Math.sqrt(scale)
  return [
    line("ferry", kind("ferry"), c.sealabel, byZoom(9, 0.6, 14, 1.2), { "line-dasharray": [4, 4] }),
    line("seawall", kind("seawall", "pier"), c.border, byZoom(10, 0.6, 14, 2 * s, 17, 5)),
    line("path", kind("path", "track"), c.path, byZoom(11, 0.5, 14, 1.1 * s, 17, 3), { "line-dasharray": [3, 2] }),
    line("small-edge", SMALL, c.roadEdge, byZoom(12, 0.4, 14, 3.4 * s, 17, 15)),
    line("tertiary-edge", kind("tertiary"), c.roadEdge, byZoom(10, 1.2 * s, 12, 2.8 * s, 14, 5.4 * s, 17, 22)),
    line("great-edge", GREAT, c.roadEdge, byZoom(8, 2 * s, 11, 3.8 * s, 14, 7.4 * s, 17, 27)),
    line("small", SMALL, c.road, byZoom(11, 0.5, 14, 2.2 * s, 17, 12)),
    line("tertiary", kind("tertiary"), c.road, byZoom(10, 0.7 * s, 12, 1.9 * s, 14, 4 * s, 17, 18)),
    line("great", GREAT, c.great, byZoom(8, 1.1 * s, 11, 2.4 * s, 14, 5.6 * s, 17, 22)),
    line("motorway-edge", kind("motorway"), c.border, byZoom(8, 1.8 * s, 14, 8 * s, 17, 26)),
    line("motorway", kind("motorway"), c.motorway, byZoom(8, 1.1 * s, 14, 5.6 * s, 17, 22)),
  ]
}

function borders(c: Ground, scale: number): LayerSpecification[] {
  const border = (id: string, what: string, width: number, dash: number[]): LayerSpecification => ({
    id,
    type: "line",
    source: GROUND_SOURCE,
    "source-layer": "boundaries",
    filter: kind(what),
    paint: { "line-color": c.border, "line-width": width * Math.sqrt(scale), "line-dasharray": dash },
  })
  return [
    {
      id: "outside",
      type: "fill",
      source: GROUND_SOURCE,
      "source-layer": "boundaries",
      filter: kind("outside"),
      paint: { "fill-color": c.outside, "fill-opacity": c.outsideOpacity },
    },
    // Where the ground ends land and sea go over into one colour, instead of ending at a line that is no coast.
    {
      id: "beyond",
      type: "fill",
      source: "beyond",
      paint: { "fill-color": c.outside, "fill-opacity": ["get", "share"], "fill-antialias": false },
    },
    border("town-border", "town", 0.8, [2, 3]),
    border("county-border", "county", 1.4, [5, 2]),
  ]
}

function names(c: Ground, lang: MapLang, scale: number): LayerSpecification[] {
  const name: ExpressionSpecification = ["coalesce", ["get", `name_${lang}`], ["get", "name_zh"], ""]
  const symbol = (
    id: string,
    layer: string,
    filter: ExpressionSpecification,
    size: ExpressionSpecification | number,
    color: string,
    layout: Record<string, unknown> = {},
    minzoom = 0,
  ): LayerSpecification =>
    ({
      id,
      type: "symbol",
      source: GROUND_SOURCE,
      "source-layer": layer,
      filter,
      minzoom,
      layout: { "text-field": name, "text-font": FONTS, "text-size": size, "text-max-width": 9, ...layout },
      paint: { "text-color": color, "text-halo-color": c.halo, "text-halo-width": 1.4 },
    }) as LayerSpecification
  const size = (...stops: number[]) => byZoom(...stops.map((each, n) => (n % 2 ? each * scale : each)))
  const along = { "symbol-placement": "line", "text-max-angle": 35, "text-pitch-alignment": "viewport" }
  return [
    symbol("poi", "pois", ["!=", ["get", "kind"], ""], size(12, 11, 17, 13), c.quiet, { "text-padding": 8 }, 14),
    symbol("road-name", "roads", ["has", "name_zh"], size(12, 10.5, 17, 14), c.quiet, { ...along, "symbol-spacing": 320 }, 12),
    symbol("river-name", "water", kind("river_line"), size(10, 11, 15, 14), c.sealabel, along, 10),
    symbol("sea-name", "places", kind("sea", "island"), size(8, 11, 14, 15), c.sealabel, {}, 9),
    symbol("community", "places", kind("community"), size(13, 11, 16, 14), c.quiet, {}, 13),
    symbol("village", "places", kind("village"), size(10, 10.5, 14, 13), c.quiet, {}, 10.4),
    symbol("town", "places", kind("town"), size(8, 12, 12, 16, 15, 20), c.label, { "text-font": BOLD, "symbol-sort-key": 0 }, 8),
  ]
}
