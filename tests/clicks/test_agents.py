import pytest

from service.clicks.agents import PREVIEWS, ROBOTS, AgentMemory, read_agent
from tests.clicks.conftest import DESKTOP, PHONE

IMESSAGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
    "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)


@pytest.mark.parametrize(
    "text",
    [
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "WhatsApp/2.23.20.0 A",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Twitterbot/1.0",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "TelegramBot (like TwitterBot)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
        "Tumblr/14.0.835.186",
        "Mozilla/5.0 (Windows NT 6.1) Firefox/6.0 Google (+https://developers.google.com/+/web/snippet/)",
        "Mozilla/5.0 (compatible; Yahoo Link Preview; https://help.yahoo.com/kb/mail/yahoo-link-preview-SLN23615.html)",
        IMESSAGE,
    ],
)
def test_a_fetcher_of_link_previews_is_told(text: str) -> None:
    assert read_agent(text).filtered == "preview"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36",
        "curl/8.5.0",
        "python-requests/2.32.3",
        "Go-http-client/2.0",
        "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    ],
)
def test_a_robot_is_told(text: str) -> None:
    assert read_agent(text).filtered == "bot"


@pytest.mark.parametrize(
    ("text", "device"),
    [
        (PHONE, "phone"),
        ("Tumblr/iPhone/33.2/332010/18.0/tumblr", "phone"),
        (DESKTOP, "desktop"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "desktop"),
        ("Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 7) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Mobile/15E148 [FBAN/FBIOS;FBAV/480.0]", "phone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Mobile/15E148 [Pinterest/iOS]", "phone"),
        ("Mozilla/5.0 (PlayStation 5)", "other"),
    ],
)
def test_a_browser_is_a_visitor_on_some_device(text: str, device: str) -> None:
    agent = read_agent(text)
    assert (agent.filtered, agent.device) == (None, device)


def test_the_tables_are_in_order_and_in_small_letters() -> None:
    for table in (PREVIEWS, ROBOTS):
        assert list(table) == sorted(set(table))
        assert all(name == name.lower() for name in table)


def test_no_text_stays_in_memory() -> None:
    read = AgentMemory()
    assert read(DESKTOP) is read(DESKTOP)
    assert all(type(key) is int for key in read._known)


def test_the_memory_is_bounded() -> None:
    read = AgentMemory()
    for number in range(10_000):
        read(f"Mozilla/5.0 (X11; {number})")
    assert len(read._known) <= 4096
