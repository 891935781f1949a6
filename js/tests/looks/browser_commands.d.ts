import "vitest/browser";

declare module "vitest/browser" {
  interface BrowserCommands {
    labTheme: (name: string) => Promise<string>;
    accessibilityTree: (selector: string) => Promise<string>;
    resizeWindow: (width: number, height: number) => Promise<void>;
    picture: (selector: string, name: string) => Promise<string>;
    keepPicture: (dataUrl: string, name: string) => Promise<void>;
    emulateMedia: (media: {
      forcedColors?: "active" | null;
      reducedMotion?: "reduce" | null;
    }) => Promise<void>;
  }
}
