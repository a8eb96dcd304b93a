// Degrees as people type or paste them: 28.05, 121.15.
const POINT = /^\s*(-?\d{1,2}\.\d+)\s*[,，\s]\s*(-?\d{1,3}\.\d+)\s*$/;

export function pointIn(typed: string): { lat: number; lon: number } | null {
  const found = POINT.exec(typed);
  return found ? { lat: Number(found[1]), lon: Number(found[2]) } : null;
}
