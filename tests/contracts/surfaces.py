"""Every place where a formula is shown, asked of the real app and read as a visitor's program reads it."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from service.catalog.codes import product_code
from service.extensions import limiter
from tests.contracts.combinations import CHANNELS
from tests.referrals.books import PUBLIC_URL
from tests.test_app import forget_answers

# The codes of the redirect end in the letter of their channel.
LETTERS: Final = {"w": "public_web", "c": "console"}
VOID: Final = frozenset({"meta", "link", "img", "input", "br", "hr", "source", "col", "wbr"})


@dataclass(frozen=True)
class Anchor:
    """A link with its own words, and those of the box it stands in."""

    href: str
    rel: frozenset[str]
    target: str
    text: str
    box: str


@dataclass(frozen=True)
class Reading:
    """What a surface says of a formula: its words, links and metadata, and everything it sent, decoded."""

    surface: str
    channel: str
    slug: str
    whole: str
    text: str = ""
    anchors: tuple[Anchor, ...] = ()
    metas: tuple[str, ...] = ()
    linked_data: tuple[str, ...] = ()
    status: int = 200
    location: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)


class _Page(HTMLParser):
    """The visible words of a page, its links, its descriptions and its linked data."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.anchors: list[tuple[dict[str, str], int, int, int]] = []
        self.metas: list[str] = []
        self.linked_data: list[str] = []
        self.boxes: dict[int, tuple[int, int]] = {}
        self._open: list[tuple[str, int, int]] = []  # tag, where its words begin, the number of its box
        self._links: list[tuple[dict[str, str], int, int]] = []
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and "content" in found:
            self.metas.append(found["content"])
        if tag in ("script", "style"):
            self._hidden = found.get("type", tag)
        if tag in VOID:
            return
        box = self._open[-1][2] if self._open else 0
        if tag in ("div", "section", "header", "article", "li"):
            box = len(self.boxes) + 1
            self.boxes[box] = (len(self.words), -1)
        self._open.append((tag, len(self.words), box))
        if tag == "a":
            self._links.append((found, len(self.words), box))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = None
        while self._open:
            name, start, box = self._open.pop()
            if self.boxes.get(box, (-1, 0))[0] == start and name in ("div", "section", "header", "article", "li"):
                self.boxes[box] = (start, len(self.words))
            if name == "a" and self._links:
                attributes, begun, of_box = self._links.pop()
                self.anchors.append((attributes, begun, len(self.words), of_box))
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            self.words.append(data)
        elif self._hidden == "application/ld+json":
            self.linked_data.append(data)

    def said(self, start: int, end: int) -> str:
        return " ".join("".join(self.words[start : end if end >= 0 else None]).split())

    def links(self) -> Iterator[Anchor]:
        for attributes, start, end, box in self.anchors:
            yield Anchor(
                attributes.get("href", ""),
                frozenset(attributes.get("rel", "").split()),
                attributes.get("target", ""),
                self.said(start, end),
                self.said(*self.boxes.get(box, (0, -1))),
            )


@lru_cache(maxsize=2000)
def read_html(surface: str, channel: str, slug: str, body: str) -> Reading:
    page = _Page()
    page.feed(body)
    page.close()
    without_sheet = re.sub(r"<style>.*?</style>", "", body, flags=re.DOTALL)
    return Reading(
        surface,
        channel,
        slug,
        unescape(without_sheet),
        page.said(0, -1),
        tuple(page.links()),
        tuple(page.metas),
        tuple(page.linked_data),
    )


def read_json(surface: str, channel: str, slug: str, data: Any) -> Reading:
    whole = json.dumps(data, ensure_ascii=False)
    return Reading(surface, channel, slug, whole, whole, data=data)


@lru_cache(maxsize=100)
def read_code(image: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(image)))
    return str(found.text)


@dataclass(frozen=True)
class Shown:
    """A formula of the walk: the programs' key its products are sold under, and its products in order."""

    slug: str
    program: str
    products: tuple[str, ...]
    is_topical: bool = False


class Walker:
    """Reads every surface of an app whose book it puts in place."""

    def __init__(self, app: Flask, key: Mapping[str, str], token: str, formulas: tuple[Shown, ...]) -> None:
        self.app = app
        self.formulas = formulas
        self.client: FlaskClient = FlaskClient(app, app.response_class)
        self._key = key
        self.signed_in = FlaskClient(app, app.response_class)
        self.signed_in.set_cookie("__Host-formulary", token)

    def put(self, book: Any) -> None:
        """Give the app another book, as a changed catalog would; time alone forgets nothing."""
        self.app.extensions["referral_book"] = lambda: book
        forget_answers(self.app)
        limiter.reset()

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return str(answer.get_data(as_text=True))

    def json(self, path: str, *, private: bool = False) -> Any:
        answer = self.get(path, **(self._key if private else {}))
        assert answer.status_code == 200, (path, answer.status_code)
        return json.loads(answer.get_data())

    def read_what_tells_no_discount(self) -> Iterator[Reading]:
        """The surfaces that hold no offer, and the redirect: the same at every moment of a book."""
        yield read_html("home", "public_web", "", self.page("/"))
        yield read_html("look-up", "public_web", "", self.page("/?q=tang"))
        for formula in self.formulas:
            slug = formula.slug
            embedded = self.json(f"/oembed?url={PUBLIC_URL}/f/{slug}")
            yield read_json("oembed", "public_web", slug, embedded)
            yield read_html("oembed html", "public_web", slug, embedded["html"])
            yield read_json("formula", "public_web", slug, self.json(f"/api/v1/formulas/{slug}"))
            path = f"/api/v1/formulas/{slug}?view=practitioner"
            yield read_json("formula", "console", slug, self.json(path, private=True))
            says = read_code(self.get(f"/f/{slug}/qr.png?size=small").data)
            yield Reading("qr", "print", slug, says, says)
            for product in formula.products:
                yield from self._read_codes(formula, product)

    def read_offers(self) -> Iterator[Reading]:
        """The surfaces that hold offers, as they stand now."""
        feed = self.json("/feed.json")
        items = {item["_formulary"]["slug"]: item for item in feed["items"]}
        assert set(items) == {formula.slug for formula in self.formulas}
        for formula in self.formulas:
            yield from self._read_formula(formula, items[formula.slug])
        for item in self.json("/feed.json?view=practitioner", private=True)["items"]:
            told = {**item["_formulary"], "content": item["content_html"]}
            yield read_json("private item", "console", told["slug"], told)

    def _read_formula(self, formula: Shown, item: Mapping[str, Any]) -> Iterator[Reading]:
        slug = formula.slug
        yield read_html("page", "public_web", slug, self.page(f"/f/{slug}"))
        yield read_html("card", "public_web", slug, self.page(f"/cards/{slug}"))
        yield read_html("feed html", "feed", slug, item["content_html"])
        yield Reading("feed text", "feed", slug, item["content_text"], item["content_text"])
        yield read_json("feed item", "feed", slug, item)
        for channel in CHANNELS:
            path = f"/api/v1/formulas/{slug}/offers?channel={channel}"
            private = channel not in ("public_web", "feed")
            yield read_json("offers", channel, slug, self.json(path, private=private))
        yield from self._read_share(formula)
        kit = self.signed_in.get(f"/console/share/{slug}").get_data(as_text=True)
        # Above it stand the texts to send, which are read as what they are.
        _, start, offers = kit.partition('<section aria-labelledby="offers">')
        assert start, slug
        yield read_html("kit", "console", slug, start + offers.partition("</main>")[0])

    def _read_share(self, formula: Shown) -> Iterator[Reading]:
        slug = formula.slug
        answer = self.get(f"/api/v1/formulas/{slug}/share", **self._key)
        share = json.loads(answer.get_data())
        assert answer.status_code == 200, (slug, answer.status_code)
        yield read_json("share", "message", slug, {**share, "speech": "", "disclosures": [], "sms": {}, "email": {}})
        for surface in ("sms", "email"):
            message = share[surface]
            sent = parse_qs(urlsplit(message["href"]).query)
            (body,) = sent["body"]
            assert body.replace("\r\n", "\n") == message["text"], slug
            whole = "\n".join([message["text"], *sent.get("subject", []), body.replace("\r\n", "\n")])
            yield Reading(surface, "message", slug, whole, message["text"])
        yield Reading("speech", "speech", slug, f"{share['speech']} {share['spoken']}", share["speech"])

    def _read_codes(self, formula: Shown, product: str) -> Iterator[Reading]:
        for letter, channel in LETTERS.items():
            for placement in ("", "/card"):
                answer = self.get(f"/go/{product_code(product)}{letter}{placement}")
                yield Reading(
                    "go",
                    channel,
                    formula.slug,
                    unescape(re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)),
                    status=answer.status_code,
                    location=answer.headers.get("Location"),
                    data={"product": product, "cache": answer.headers.get("Cache-Control")},
                )
