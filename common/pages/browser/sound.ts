// What the seal shows, also to be heard: two rising tones for yes, one low tone for no, two equal ones for undetermined.
const TONES: Record<string, readonly number[]> = { passed: [660, 990], failed: [196], undetermined: [392, 392] };

let lasting: AudioContext | null = null;

// For pages that are heard again and again: made within a person's first touch, and woken by later ones, since some systems (iOS) let
// nothing else be heard.
export function readySound(): void {
  const wake = (): void => {
    if (!("AudioContext" in window)) return;
    lasting ??= new AudioContext();
    if (lasting.state !== "running") void lasting.resume().catch(() => undefined);
  };
  for (const name of ["pointerup", "keydown"]) addEventListener(name, wake, { capture: true });
}

export function sound(answer: string): void {
  const tones = TONES[answer];
  if (tones === undefined || (lasting === null && !navigator.userActivation?.hasBeenActive)) return;
  const context = lasting ?? new AudioContext();
  if (context === lasting && context.state !== "running") return; // else all that was not heard would be heard at once
  tones.forEach((frequency, index) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + index * 0.16;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.15, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.15);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.16);
  });
  if (context !== lasting) setTimeout(() => void context.close(), 1000);
}
