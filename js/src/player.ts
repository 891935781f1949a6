import { element } from "./dom";
import { Frames } from "./frames";

/** What a video tells when its `loop` changes, which browsers have no event for. */
export const LOOP_CHANGE = "loopchange";

export interface PlayerOptions {
  autoplay: boolean;
  loop: boolean;
}

/** One `<video>` with one file. It may outlive its view: another takes it over while it plays. */
export class Player {
  readonly video: HTMLVideoElement;
  readonly frames: Frames;
  /** It has been in its place, in this view or in one before. */
  wasShown = false;
  readonly #lifetime = new AbortController();
  readonly #autoplay: boolean;
  #started = false;
  #playing = false;

  constructor(
    readonly url: string,
    { autoplay, loop }: PlayerOptions,
  ) {
    const { signal } = this.#lifetime;
    this.#autoplay = autoplay;
    // The file is in the page: read ahead from there, it would only be copied once more.
    this.video = element("video", { controls: "", playsinline: "", preload: "metadata" });
    this.video.loop = loop;
    this.frames = new Frames(this.video, signal);
    const played = () => {
      this.#playing = true;
    };
    const paused = () => {
      // Leaving the document pauses a video without anyone asking for it.
      this.#playing &&= !this.video.isConnected;
    };
    this.video.addEventListener("play", played, { signal });
    this.video.addEventListener("pause", paused, { signal });
    // No browser lets a page start sound by itself.
    this.video.muted = autoplay;
    this.video.src = url;
  }

  /** Begins to play, once, where that was asked for. */
  autoplay(): void {
    if (this.#autoplay && !this.#started) this.#play();
    this.#started = true;
  }

  /** The browser cannot decode the file. */
  get broken(): boolean {
    return this.video.error !== null;
  }

  get loop(): boolean {
    return this.video.loop;
  }

  set loop(loop: boolean) {
    if (this.video.loop === loop) return;
    this.video.loop = loop;
    this.video.dispatchEvent(new Event(LOOP_CHANGE));
  }

  set rate(rate: number) {
    if (this.video.playbackRate === rate) return;
    // What a video that is loaded anew starts with.
    this.video.defaultPlaybackRate = rate;
    this.video.playbackRate = rate;
  }

  /** Plays, or pauses. */
  toggle(): void {
    if (this.video.paused) this.#play();
    else this.video.pause();
  }

  /** Goes on playing where only leaving the document has paused it, which the browser may tell only after this. */
  resume(): void {
    if (this.#playing && this.video.paused) this.#play();
  }

  /** Lets the browser free the decoder and what it buffered. */
  release(): void {
    this.#lifetime.abort();
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.video.remove();
  }

  #play(): void {
    // A browser may refuse; the controls are there.
    this.video.play().catch(() => {});
  }
}
