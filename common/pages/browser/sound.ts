// What the seal shows, also to be heard: two rising tones for yes, one low tone for no, two equal ones for undetermined.
const TONES: Record<string, readonly number[]> = { passed: [660, 990], failed: [196], undetermined: [392, 392] };

export function sound(answer: string): void {
  const tones = TONES[answer];
  if (tones === undefined || !navigator.userActivation?.hasBeenActive) return;
  const context = new AudioContext();
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
  setTimeout(() => void context.close(), 1000);
}
