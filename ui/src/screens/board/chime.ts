// A new incident with life in danger sounds once: two short tones. A browser in which nobody has yet pressed
// anything stays silent; the row still pulses.
let context: AudioContext | undefined;

export function chime(): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
    for (const [n, pitch] of [880, 1175].entries()) {
      const tone = context.createOscillator();
      const loudness = context.createGain();
      const from = context.currentTime + n * 0.18;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.14, from);
      loudness.gain.exponentialRampToValueAtTime(0.001, from + 0.16);
      tone.connect(loudness).connect(context.destination);
      tone.start(from);
      tone.stop(from + 0.17);
    }
  } catch {
    // a machine without sound
  }
}
