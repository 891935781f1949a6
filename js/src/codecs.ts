import type { Sample } from "./model";

const probe = document.createElement("video");

/** Codecs are read from the boxes of MP4, which QuickTime files have too. */
const plays = (kind: "video" | "audio", codec: string | null): boolean =>
  codec === null || probe.canPlayType(`${kind}/mp4; codecs="${codec}"`) !== "";

/** Whether the browser may be able to show the pictures. What the file does not name is worth a try. */
export const canDecodeVideo = ({ video_codec }: Sample): boolean => plays("video", video_codec);

/** Whether it may be able to play the sound, if there is any. VS Code's viewer, for one, has no AAC decoder. */
export const canDecodeAudio = ({ audio_codec }: Sample): boolean => plays("audio", audio_codec);
