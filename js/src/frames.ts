/** How many paints a frame that was sought may take: at the ends of a video there may be no other to come. */
const PATIENCE_PAINTS = 10;

/**
 * Which frame of a video is on screen, and the way to its neighbours.
 *
 * How long a frame lasts is in the file, and where frames begin is what the browser says of the one on screen: so each
 * step seeks the middle of the frame that is meant, which no rounding misses.
 */
export class Frames {
  #shownS: number | null = null;
  #owed = 0;
  #moving: Promise<void> | null = null;
  #presented = (_shownS: number): void => {};

  constructor(
    readonly video: HTMLVideoElement,
    readonly signal: AbortSignal,
  ) {
    // A video that is listened to sooner is drawn before it can be played, which holds that up.
    video.addEventListener("canplay", () => this.#listen(), { once: true, signal });
  }

  /** When the frame on screen begins, in seconds. */
  shownS(frameDurationS: number | null): number {
    const { currentTime } = this.video;
    if (this.#shownS !== null) return this.#shownS;
    return frameDurationS ? Math.floor(currentTime / frameDurationS + 0.01) * frameDurationS : currentTime;
  }

  /** Goes this many frames on, or back where it is negative; not beyond the ends. A video that plays is paused. */
  step(frames: number, frameDurationS: number): Promise<void> {
    this.video.pause();
    this.#owed += frames;
    this.#moving ??= this.#move(frameDurationS);
    return this.#moving;
  }

  /** Resolves when the frame that was last sought, by steps or in the browser's own controls, is on screen. */
  async settled(): Promise<void> {
    await this.#moving;
    const { currentTime, seeking } = this.video;
    if (seeking) await this.#arrival((shownS) => shownS < currentTime + 0.01 && shownS > currentTime - 0.1);
  }

  /** Keys repeat faster than a browser seeks: what comes meanwhile is one leap. */
  async #move(frameDurationS: number): Promise<void> {
    while (this.#owed !== 0 && !this.signal.aborted) {
      const middleS = this.shownS(frameDurationS) + (this.#owed + 0.5) * frameDurationS;
      this.#owed = 0;
      const lastS = this.video.duration - frameDurationS / 4;
      await this.#seek(Math.max(0, Math.min(middleS, lastS)), frameDurationS);
    }
    this.#moving = null;
  }

  #seek(timeS: number, frameDurationS: number): Promise<void> {
    this.video.currentTime = timeS;
    // One that was under way before is not it.
    return this.#arrival((shownS) => Math.abs(timeS - shownS - frameDurationS / 2) < 0.6 * frameDurationS);
  }

  /** Resolves when the frame that is being sought is on screen. */
  #arrival(isIt: (shownS: number) => boolean): Promise<void> {
    return new Promise((resolve) => {
      let paints = 0;
      let presented = false;
      // Also before the browser says that it has sought.
      this.#presented = (shownS) => {
        presented ||= isIt(shownS);
      };
      const waitForPaint = () => {
        if (presented || this.signal.aborted || ++paints > PATIENCE_PAINTS) resolve();
        else requestAnimationFrame(waitForPaint);
      };
      this.video.addEventListener("seeked", waitForPaint, { once: true, signal: this.signal });
    });
  }

  #listen(): void {
    this.video.requestVideoFrameCallback?.((_now, { mediaTime }) => {
      if (this.signal.aborted) return;
      this.#shownS = mediaTime;
      this.#presented(mediaTime);
      this.#listen();
    });
  }
}
