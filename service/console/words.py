"""What the console calls the words of programs and discounts."""

from collections.abc import Mapping
from typing import Final

from service.referrals.policy import Channel, DiscountView, LinkForm

CHANNEL_WORDS: Final[Mapping[Channel, str]] = {
    Channel.PUBLIC_WEB: "Public web",
    Channel.FEED: "Feed",
    Channel.CONSOLE: "Console",
    Channel.MESSAGE: "Message",
    Channel.PRINT: "Print",
    Channel.SPEECH: "Speech",
}
LINK_WORDS: Final[Mapping[LinkForm, str]] = {
    LinkForm.DIRECT: "the vendor's address",
    LinkForm.GO: "our redirect",
    LinkForm.PAGE: "our page",
    LinkForm.QR: "printed code",
    LinkForm.SPOKEN: "spoken page name",
}
VIEW_WORDS: Final[Mapping[DiscountView, str]] = {
    DiscountView.NONE: "not told",
    DiscountView.NEUTRAL: "told without a figure",
    DiscountView.FIGURE: "told with its figure",
}
KIND_WORDS: Final[Mapping[str, str]] = {
    "fullscript": "Fullscript",
    "amazon_associates": "Amazon Associates",
    "template": "By template",
}
WAY_WORDS: Final[Mapping[str, str]] = {
    "automatic": "automatically, at checkout",
    "sign_in": "after signing in",
    "code": "with a code",
}
AUDIENCE_WORDS: Final[Mapping[str, str]] = {
    "public": "everyone",
    "patients": "patients, in private",
    "practitioner": "the practitioner alone",
}
# What the templates we know ask of a product; any other variable is called by its name.
NEED_WORDS: Final[Mapping[str, str]] = {
    "asin": "its ASIN",
    "k": "the words to search for",
    "path": "the path of its page",
    "u": "the address of its page",
    "ued": "the address of its page",
}
