/** The notebooks' own themes, with the values that they really have. */
import { commands } from "vitest/browser";
import colabDark from "./themes/colab_dark.css?raw";
import marimoDark from "./themes/marimo_dark.css?raw";
import vscodeDark from "./themes/vscode_dark.css?raw";

export interface Theme {
  readonly name: string;
  /** The widget is in a shadow root, as in marimo. */
  readonly inShadow?: boolean;
  css(): Promise<string>;
  /** What the host marks its page with. */
  mark(page: Document): void;
  readonly forcedColors?: boolean;
}

const lab = (name: string, theme: string, light: boolean): Theme => ({
  name,
  css: async () => `${await commands.labTheme(theme)} body { background: var(--jp-layout-color0); }`,
  mark: ({ body }) => {
    body.dataset.jpThemeLight = String(light);
    body.className = "jp-ThemedContainer";
  },
});

/** Notebook 7 has JupyterLab's themes, and adds no variable to them. */
export const themes: readonly Theme[] = [
  lab("jupyterlab-light", "theme-light", true),
  lab("jupyterlab-dark", "theme-dark", false),
  lab("jupyterlab-high-contrast", "theme-dark-high-contrast", false),
  {
    name: "colab-dark",
    css: async () => colabDark,
    mark: ({ documentElement }) => documentElement.setAttribute("theme", "dark"),
  },
  {
    name: "vscode-dark",
    css: async () => vscodeDark,
    mark: ({ body }) => {
      body.className = "vscode-dark";
    },
  },
  {
    name: "marimo-dark",
    inShadow: true,
    css: async () => marimoDark,
    mark: ({ body }) => {
      body.className = "dark";
    },
  },
  { name: "no-theme", css: async () => "", mark: () => {} },
  { name: "forced-colors", forcedColors: true, css: async () => "", mark: () => {} },
];

let undo = async () => {};

/** The page has this theme from now on, and no other. */
export async function putOn(theme: Theme | null): Promise<void> {
  await undo();
  undo = async () => {};
  if (!theme) return;
  const style = document.createElement("style");
  style.textContent = await theme.css();
  document.head.append(style);
  theme.mark(document);
  if (theme.forcedColors) await commands.emulateMedia({ forcedColors: "active" });
  undo = async () => {
    style.remove();
    document.body.removeAttribute("class");
    document.documentElement.removeAttribute("theme");
    delete document.body.dataset.jpThemeLight;
    if (theme.forcedColors) await commands.emulateMedia({ forcedColors: null });
  };
}
