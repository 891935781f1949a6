"""Counts the videos that a page keeps: Blob URLs made and not revoked."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

_COUNT = """
window.videoUrls = { made: 0, open: new Set() };
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = blob => {
  const url = createObjectURL.call(URL, blob);
  if (blob.type?.startsWith("video/")) {
    window.videoUrls.made += 1;
    window.videoUrls.open.add(url);
  }
  return url;
};
URL.revokeObjectURL = url => {
  window.videoUrls.open.delete(url);
  revokeObjectURL.call(URL, url);
};
"""


def count_video_urls(context: BrowserContext) -> None:
    """Count in every page that is loaded from now on."""
    context.add_init_script(_COUNT)


def videos_made(page: Page) -> int:
    """How many videos came into the page since it was loaded."""
    made: int = page.evaluate("() => window.videoUrls.made")
    return made


def videos_kept(page: Page) -> int:
    """How many of them it keeps."""
    kept: int = page.evaluate("() => window.videoUrls.open.size")
    return kept
