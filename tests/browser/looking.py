"""What the browser tests measure in a page, and the two things they write down while it loads."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

WATCH_SHIFTS: Final = """
window.shifted = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    window.shifted.push([entry.value, ...entry.sources.map(source => source.node && source.node.nodeName)]);
}).observe({type: "layout-shift", buffered: true});
"""

# Every element with text of its own whose contrast to the ground behind it is less than WCAG AA's 4.5.
PALE_TEXT: Final = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map(c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * R + .7152 * G + .0722 * B;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const pale = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) pale.push(`${element.tagName} ${element.className}: ${contrast.toFixed(2)}`);
  }
  return pale;
}"""

# Text in hanzi that no element says to be Chinese; a source's title and a formula's origin mix languages as printed.
UNTOLD_HANZI: Final = """() => {
  const untold = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest(".sources, .origin")) continue;
    if (/\\p{Script=Han}/u.test(node.data) && !/^(zh|ja)/.test(node.parentElement.closest("[lang]").lang))
      untold.push(node.data);
  }
  return untold;
}"""

# In a card: the frame's height, and what its content takes when nothing stretches it.
MEASURE_CARD: Final = """() => {
  const {scrollHeight, clientHeight, scrollWidth, clientWidth} = document.documentElement;
  const card = document.querySelector(".card");
  card.style.minHeight = "0";
  const content = document.body.getBoundingClientRect().height;
  card.style.minHeight = "";
  return {scrollHeight, clientHeight, scrollWidth, clientWidth, content};
}"""


@dataclass
class Watch:
    """What happened while pages of a context loaded."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


def watch(context: BrowserContext) -> Watch:
    """Write down console errors, failed requests and the hosts asked."""
    seen = Watch()

    def watch_page(page: Page) -> None:
        page.on("console", lambda told: seen.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))

    context.on("page", watch_page)
    context.on("request", lambda request: seen.hosts.add(urlsplit(request.url).netloc))
    context.on("requestfailed", lambda request: seen.complaints.append(f"failed: {request.url}"))
    return seen
