"""What a user agent's text tells: a preview's fetcher, a robot, or a browser on some kind of device.

The names are those their owners documented when this was written (November 2026), at: Google
developers.google.com/crawling, Microsoft bing.com/webmasters/help, Apple support.apple.com/119829, Meta
developers.facebook.com/docs/sharing/webmasters/web-crawlers, Slack api.slack.com/robots, OpenAI
platform.openai.com/docs/bots, Anthropic support.anthropic.com, Perplexity docs.perplexity.ai. A robot that
says nothing of itself is counted as a visitor: no table can tell it.
"""

import re
from dataclasses import dataclass
from typing import Final

DEVICES: Final = ("phone", "tablet", "desktop", "other")

# Fetchers of link previews. iMessage calls itself "facebookexternalhit/1.1 Facebot Twitterbot/1.0", Signal "WhatsApp".
# The apps' own browsers, in which people read, have other names (FBAN, LinkedInApp, [Pinterest/iOS], Slack_SSB).
PREVIEWS: Final = (
    "bluesky cardyb",
    "discordbot",
    "embedly",
    "facebookcatalog",
    "facebookexternalhit",
    "facebot",
    "iframely",
    "kakaotalk-scrap",
    "line-poker",
    "linkedinbot",
    "mastodon/",
    "matrix-media-repo",
    "meta-externalfetcher",
    "microsoftpreview",
    "pinterest/0.",
    "pinterestbot",
    "redditbot",
    "skypeuripreview",
    "slack-imgproxy",
    "slackbot",
    "snap url preview",
    "synapse (bot",
    "telegrambot",
    "tumblr/14",
    "twitterbot",
    "viber",
    "vkshare",
    "web/snippet",
    "whatsapp/",
    "yahoo link preview",
)

# Crawlers, libraries and monitors whose name does not end in "bot", "crawler" or "spider".
ROBOTS: Final = (
    "aiohttp",
    "apache-httpclient",
    "apis-google",
    "archive.org",
    "axios/",
    "bingpreview",
    "chatgpt-user",
    "check_http",
    "checkly",
    "chrome-lighthouse",
    "claude-user",
    "curl/",
    "datadog",
    "dataprovider",
    "duckassistbot",
    "expanse",
    "feedfetcher",
    "go-http-client",
    "google-inspectiontool",
    "google-read-aloud",
    "google-safety",
    "google-site-verification",
    "googleimageproxy",
    "googleother",
    "gtmetrix",
    "guzzlehttp",
    "headlesschrome",
    "http.rb/",
    "httpx",
    "ia_archiver",
    "insomnia/",
    "java/",
    "libwww-perl",
    "mediapartners-google",
    "meta-externalagent",
    "newrelicpinger",
    "node-fetch",
    "okhttp",
    "perplexity-user",
    "phantomjs",
    "pingdom",
    "playwright",
    "postmanruntime",
    "powershell",
    "puppeteer",
    "python-requests",
    "python-urllib",
    "scrapy",
    "selenium",
    "site24x7",
    "slurp",
    "statuscake",
    "undici",
    "uptime",
    "w3c_validator",
    "wget/",
    "zgrab",
)

_PREVIEW = re.compile("|".join(map(re.escape, PREVIEWS)))
# Cubot is a maker of phones.
_ROBOT = re.compile(r"(?<!cu)bot(?![a-z])|crawl|spider|" + "|".join(map(re.escape, ROBOTS)))
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook")
_PHONE = re.compile(r"mobile|iphone|ipod|windows phone|opera mini|blackberry")
_DESKTOP = re.compile(r"windows nt|macintosh|x11|cros ")

LONGEST_READ: Final = 512
MOST_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Agent:
    """What may be known of a user agent: why it is no visitor (None for a browser), and its device."""

    filtered: str | None
    device: str


def read_agent(text: str) -> Agent:
    """What a User-Agent header says; an empty one is a robot's. Only its first LONGEST_READ characters are read."""
    lowered = text[:LONGEST_READ].lower()
    if _PREVIEW.search(lowered):
        return Agent("preview", "other")
    if not lowered.strip() or _ROBOT.search(lowered):
        return Agent("bot", "other")
    return Agent(None, _device(lowered))


def _device(lowered: str) -> str:
    """The kind of device. An iPad that asks for desktop pages calls itself a Macintosh, and is taken for one."""
    if _TABLET.search(lowered) or ("android" in lowered and "mobile" not in lowered):
        return "tablet"
    if _PHONE.search(lowered):
        return "phone"
    return "desktop" if _DESKTOP.search(lowered) else "other"


class AgentMemory:
    """Reads each text once. What is kept is the text's hash, seeded by chance in each process, never the text."""

    def __init__(self) -> None:
        self._known: dict[int, Agent] = {}

    def forget(self) -> None:
        self._known = {}

    def __call__(self, text: str) -> Agent:
        key = hash(text)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_REMEMBERED:
                self.forget()
            found = self._known[key] = read_agent(text)
        return found
