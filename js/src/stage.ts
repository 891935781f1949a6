import { canDecodeAudio, canDecodeVideo } from "./codecs";
import { element, setAttribute, setOptionalText, setShown } from "./dom";
import type { Sample, Snapshot } from "./model";
import type { CardContext, Part } from "./part";
import type { Player } from "./player";
import { playerControls } from "./player_controls";
import type { Players } from "./players";
import { isTerminal } from "./session";
import { sampleTabs } from "./tabs";
import { waiting } from "./waiting";
import { words } from "./words";

/** The place of the video: as large while it is awaited as when it is there, so that nothing jumps. */
export interface Stage extends Part {
  /** Index of the sample that is shown. */
  readonly selected: number;
}

export function stage(context: CardContext, players: Players, selectionChanged: () => void): Stage {
  const { session, signal } = context;
  const placeholder = waiting(session);
  const screen = element("div", { class: "rushes-screen" }, placeholder.node);
  const tabs = sampleTabs(screen, players.takeSelection(), selectionChanged, signal);
  const note = element("p", { class: "rushes-quiet" });
  const node = element("div", { class: "rushes-stage" }, tabs.node, screen);
  const controls = playerControls(node, players, context);
  node.append(controls.node, note);
  const shown = new Map<number, Player>();

  signal.addEventListener(
    "abort",
    () => {
      for (const player of shown.values()) players.park(player);
      players.parkSelection(tabs.selected);
    },
    { once: true },
  );

  const playerOf = (index: number, url: string, snapshot: Snapshot): Player => {
    const known = shown.get(index);
    if (known?.url === url) return known;
    if (known) players.release(known);
    const player = players.take(url, snapshot);
    shown.set(index, player);
    for (const event of ["loadedmetadata", "error"]) {
      player.video.addEventListener(event, selectionChanged, { signal });
    }
    for (const event of ["playing", "timeupdate"]) {
      player.video.addEventListener(event, session.playing.passes, { signal });
    }
    screen.append(player.video);
    player.resume();
    return player;
  };

  return {
    node,
    get selected() {
      return tabs.selected;
    },
    update(snapshot) {
      tabs.update(snapshot.samples.length);
      const index = tabs.selected;
      const sample = snapshot.samples[index];
      const transfer = sample ? session.transfer(index) : null;
      const decodable = sample !== undefined && canDecodeVideo(sample);
      const player = decodable && transfer?.url ? playerOf(index, transfer.url, snapshot) : null;
      const playable = player !== null && !player.broken;
      for (const [other, { video }] of shown) {
        if (other !== index) video.pause();
        setShown(video, other === index && playable);
      }
      if (player) {
        if (!session.poster.waiting) player.autoplay();
        const name = words.video(snapshot.operation_id, index, snapshot.samples.length);
        setAttribute(player.video, "aria-label", name);
      }
      const ratio = ratioOf(sample, player);
      if (ratio) screen.style.setProperty("--rushes-ratio", ratio);
      if (!playable) placeholder.update(snapshot, sample, transfer);
      setShown(placeholder.node, !playable);
      controls.update(playable ? player : null, sample, placeholder.hopeful);
      setOptionalText(note, sample && playable && !canDecodeAudio(sample) ? words.noSound : null);
      const here = snapshot.samples.some(({ state }) => state === "ready" || state === "gone");
      setShown(node, here || !isTerminal(snapshot.status));
    },
  };
}

/** The shape of the picture: as the player shows it, before that as the file says. */
function ratioOf(sample: Sample | undefined, player: Player | null): string | null {
  const { videoWidth: width, videoHeight: height } = player?.video ?? { videoWidth: 0, videoHeight: 0 };
  if (width > 0) return `${width} / ${height}`;
  return sample?.width && sample.height ? `${sample.width} / ${sample.height}` : null;
}
