import { drawn } from "../icons";

/** The icons of the board beside those of a card. */
const paths = {
  star: "m8 1.9 1.9 3.9 4.2.6-3 3 .7 4.2L8 11.6l-3.8 2 .7-4.2-3-3 4.2-.6Z",
  beside: "M2 3.5h5v9H2ZM9 3.5h5v9H9Z",
  close: "m4 4 8 8M12 4l-8 8",
} as const;

export const boardIcon = (name: keyof typeof paths): SVGSVGElement => drawn(name, paths[name]);
