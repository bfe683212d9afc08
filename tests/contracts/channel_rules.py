"""The channel policy as rules over what a surface said: each with its reason, and none of them asks the service."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from service.catalog.codes import product_code
from tests.contracts.combinations import LEAVE, LEAVE_TOLD
from tests.contracts.observations import VENDORS, Seen, figures_of
from tests.contracts.surfaces import LETTERS
from tests.referrals.books import PUBLIC_URL

# The wordings the law and the programs ask for, written out on their own.
AMAZON: Final = "As an Amazon Associate I earn from qualifying purchases."
INTEREST: Final = "I may earn from what you buy through this link."
ELSEWHERE: Final = "You are free to buy elsewhere."
FDA: Final = (
    "These statements have not been evaluated by the Food and Drug Administration. "
    "This product is not intended to diagnose, treat, cure, or prevent any disease."
)
NEUTRAL: Final = "Patient pricing shows after you sign in."
SKIN: Final = ("For external use only.", "Flammable: keep away from fire and heat.")
RESERVED_FOR_VENDORS: Final = re.compile(r"offer|price|rating|review|sale|indication|condition|disease", re.IGNORECASE)

BUTTONS: Final = frozenset({"page", "card", "kit"})
# Documents of offers, with everything a surface has to show of them.
OFFERED: Final = frozenset({"offers", "private item"})
MESSAGES: Final = frozenset({"sms", "email", "speech"})
TELLING: Final = BUTTONS | MESSAGES | OFFERED | {"feed item", "share"}
CLAIMING: Final = BUTTONS | OFFERED | {"feed html", "feed text", "feed item"}
LABELLED: Final = BUTTONS | {"feed html", "feed text", "feed item", "private item"}
QUIET: Final = MESSAGES | {"qr", "share"}


def no_figure_but_the_one_told(seen: Seen) -> Iterator[str]:
    admitted = {number for due in seen.here for number in due.figures} if seen.reading.surface in TELLING else set()
    if seen.reading.surface in (*OFFERED, "kit"):
        admitted |= {number for due in seen.here if due.price for number in due.price}
    if leaked := figures_of(seen.reading.whole) - seen.quiet_figures - admitted:
        yield f"tells {sorted(leaked)}"


def no_mark_of_a_discount_that_is_not_told(seen: Seen) -> Iterator[str]:
    admitted = seen.told if seen.reading.surface in (*OFFERED, "feed item", *BUTTONS, *MESSAGES, "share") else set()
    if leaked := [mark for mark in sorted(seen.marks - admitted) if mark in seen.reading.whole]:
        yield f"tells {leaked}"


def a_discount_that_may_be_told_is_told(seen: Seen) -> Iterator[str]:
    shows = seen.reading.surface in (*BUTTONS, *MESSAGES, *OFFERED, "feed item")
    for due in seen.here if shows else ():
        missing = set(due.figures) - figures_of(seen.reading.whole)
        # An SMS is short, and its disclosures come first.
        if missing and not (seen.reading.surface == "sms" and len(seen.reading.text) > 400):
            yield f"{due.product} does not tell {sorted(missing)}"


def the_neutral_sentence_stands_for_figures_kept_back(seen: Seen) -> Iterator[str]:
    if seen.reading.surface in (*BUTTONS, *MESSAGES, *OFFERED, "feed item"):
        due = any(due.is_neutral for due in seen.here)
        if (NEUTRAL in seen.reading.whole) is not due:
            yield f"the neutral sentence is {'missing' if due else 'there'}"
    elif seen.reading.surface != "share" and NEUTRAL in seen.reading.whole:
        yield "the neutral sentence is there"


def prices_are_private_and_never_amazons(seen: Seen) -> Iterator[str]:
    for due, offer in zip(seen.due, seen.offers, strict=False):
        price = offer["price"]
        told = price and (price["retail"], price["lowest"], price["highest"])
        if told != due.price:
            yield f"{due.product} costs {told}, not {due.price}"
        if price and (due.kind == "amazon_associates" or seen.reading.channel in ("public_web", "feed", "print")):
            yield f"{due.product} has a price here"


def a_looser_rule_shows_its_permission(seen: Seen) -> Iterator[str]:
    surface, whole = seen.reading.surface, seen.reading.whole
    if surface in (*BUTTONS, *MESSAGES, *OFFERED, "feed item"):
        due = any(due.is_permitted for due in seen.here)
        if surface == "sms" and not VENDORS.search(whole):
            # Where an SMS has no room for a vendor's link and its permission, it has neither.
            due = False
        if (LEAVE_TOLD in whole) is not due:
            yield f"the permission is {'missing' if due else 'there'}"
    elif surface not in ("share", "feed html", "feed text") and str(LEAVE["note"]) in whole:
        yield "the permission is there"


def a_vendors_host_stands_only_where_links_are_direct(seen: Seen) -> Iterator[str]:
    surface = seen.reading.surface
    shows = surface in (*BUTTONS, *OFFERED, "sms", "email", "feed item")
    admitted = {due.host for due in seen.here if due.link == "direct"} if shows else set()
    if surface == "go" and seen.reading.location:
        admitted = {due.host for due in seen.here if due.link == "go" and due.product == seen.reading.data["product"]}
    for found in VENDORS.finditer(seen.reading.whole):
        if not any(found.group().lower() in host for host in admitted):
            yield f"{found.group()} at {seen.reading.whole[max(0, found.start() - 40) : found.end() + 20]!r}"


def our_redirect_stands_only_where_links_go(seen: Seen) -> Iterator[str]:
    going = {due.product for due in seen.here if due.link == "go"}
    shows = seen.reading.surface in (*BUTTONS, *OFFERED)
    letter = {channel: letter for letter, channel in LETTERS.items()}.get(seen.reading.channel, "-")
    admitted = {product_code(product) + letter for product in going} if shows else set()
    found = set(re.findall(r"/go/(\w+)", seen.reading.whole))
    if found - admitted:
        yield f"leads through {sorted(found - admitted)}"
    if shows and admitted - found:
        yield f"does not lead through {sorted(admitted - found)}"


def every_offer_has_the_link_of_its_cell(seen: Seen) -> Iterator[str]:
    if seen.reading.surface not in (*OFFERED, "feed item"):
        return
    if [offer["product"] for offer in seen.offers] != [due.product for due in seen.due]:
        yield f"offers {[offer['product'] for offer in seen.offers]}"
        return
    for due, offer in zip(seen.due, seen.offers, strict=True):
        parts = urlsplit(offer["url"])
        is_ours = offer["url"].startswith(f"{PUBLIC_URL}/")
        if offer["link"] != due.link:
            yield f"{due.product} is linked by {offer['link']}, not {due.link}"
        if is_ours is (due.link == "direct") or (due.link == "direct" and parts.hostname != due.host):
            yield f"{due.product} leads to {offer['url']}"
        if due.link in ("page", "qr", "spoken") and offer["url"] != f"{PUBLIC_URL}/f/{seen.reading.slug}":
            yield f"{due.product} leads to {offer['url']}"
        if offer["rel"] != "sponsored nofollow noopener":
            yield f"{due.product} has rel {offer['rel']!r}"


def every_button_is_there_once_and_complete(seen: Seen) -> Iterator[str]:
    if seen.reading.surface not in BUTTONS:
        if seen.ways_out and seen.reading.surface not in OFFERED:
            yield f"links to {[link.href for link in seen.ways_out]}"
        return
    out = [due for due in seen.here if due.link in ("direct", "go")]
    if len(seen.ways_out) != len(out):
        yield f"{len(seen.ways_out)} links lead out, not {len(out)}"
    for due, link in zip(out, seen.ways_out, strict=False):
        if not link.rel >= {"sponsored", "nofollow", "noopener"} or "noreferrer" in link.rel:
            yield f"{link.href} has rel {sorted(link.rel)}"
        if link.target != "_blank":
            yield f"{link.href} opens in {link.target!r}"
        interest = AMAZON if due.kind == "amazon_associates" else INTEREST
        if interest not in link.box or ELSEWHERE not in link.box:
            yield f"{link.href} does not have its interest beside it: {link.box!r}"
        if due.is_permitted and LEAVE_TOLD not in link.box:
            yield f"{link.href} does not have its permission beside it"


def every_offer_tells_the_interest(seen: Seen) -> Iterator[str]:
    if seen.reading.surface not in (*BUTTONS, *MESSAGES, *OFFERED, "feed html", "feed text", "feed item"):
        return
    for due in seen.here:
        interest = AMAZON if due.kind == "amazon_associates" else INTEREST
        if interest not in seen.reading.text or ELSEWHERE not in seen.reading.text:
            yield f"{due.product} is shown without {interest!r}"
    kinds = {due.kind for due in seen.here}
    if "amazon_associates" not in kinds and AMAZON in seen.reading.text:
        yield "speaks as an Amazon Associate without an offer of Amazon's"


def amazon_is_labelled_tagged_and_never_hidden(seen: Seen) -> Iterator[str]:
    for due, offer in zip(seen.due, seen.offers, strict=False):
        is_direct = due.kind == "amazon_associates" and due.link == "direct"
        if (offer["paid_link_label"] == "(paid link)") is not is_direct:
            yield f"{due.product} is labelled {offer['paid_link_label']!r}"
        if due.kind == "amazon_associates" and offer["link"] == "go":
            yield f"{due.product} is hidden behind a redirect"
        if is_direct and parse_qs(urlsplit(offer["url"]).query).get("tag") != [due.tag]:
            yield f"{due.product} is not tagged {due.tag}: {offer['url']}"
    for link in seen.ways_out:
        if "amazon" in link.href:
            if not link.text.endswith("(paid link)"):
                yield f"{link.text!r} is no paid link's label"
            if parse_qs(urlsplit(link.href).query).get("tag") != [next(due.tag for due in seen.due if due.tag)]:
                yield f"{link.href} is not tagged"
        elif "(paid link)" in link.text:
            yield f"{link.text!r} is labelled as Amazon's"


def a_supplement_has_the_fda_sentence_and_a_drug_its_facts(seen: Seen) -> Iterator[str]:
    surface, whole = seen.reading.surface, seen.reading.whole
    if seen.is_topical and "evaluated by the Food and Drug" in whole:
        yield "a drug carries the supplements' sentence"
    if not seen.is_topical and surface in CLAIMING and FDA not in whole:
        yield "the FDA sentence is missing"
    if not seen.is_topical and surface in BUTTONS and whole.count(FDA) != 1:
        yield f"the FDA sentence stands {whole.count(FDA)} times"
    is_labelled = surface in LABELLED and (surface != "kit" or bool(seen.here))
    if seen.is_topical and is_labelled and not ("Drug Facts" in whole and "Keep out of reach" in whole):
        yield "the Drug Facts are missing"
    if seen.is_topical and surface in OFFERED:
        drugs = {told["product"] for told in seen.reading.data["disclosures"] if told["kind"] == "drug_facts"}
        if drugs != {due.product for due in seen.due}:
            yield f"Drug Facts are asked for of {sorted(drugs)}"
    if not seen.is_topical and "Drug Facts" in whole:
        yield "a supplement has Drug Facts"


def the_liniments_warnings_go_where_disclosures_go(seen: Seen) -> Iterator[str]:
    if seen.is_topical and seen.reading.surface in (*MESSAGES, *OFFERED, "kit"):
        for warning in SKIN:
            if warning not in seen.reading.text:
                yield f"{warning!r} is missing"


def californias_warning_stands_with_its_product(seen: Seen) -> Iterator[str]:
    if seen.reading.surface in (*BUTTONS, *OFFERED):
        for due in seen.here:
            if due.warning and due.warning not in seen.reading.whole:
                yield f"{due.product} is shown without {due.warning!r}"


def nothing_read_by_others_names_a_condition(seen: Seen) -> Iterator[str]:
    reading = seen.reading
    # Linked data is no preview: it has the cautions, which name what they warn of.
    shown = [*reading.metas, *([reading.whole] if reading.surface in QUIET else [])]
    for text in shown:
        if found := seen.conditions.search(text):
            yield f"names {found.group()!r} in {text[:120]!r}"


def what_programs_read_of_a_page_tells_no_offer(seen: Seen) -> Iterator[str]:
    """Previews and linked data are taken out of the page, away from the disclosures that stand on it."""
    linked = [json.dumps(json.loads(text), ensure_ascii=False) for text in seen.reading.linked_data]
    for text in (*seen.reading.metas, *linked):
        found = [
            *sorted(figures_of(text) - seen.quiet_figures),
            *(mark for mark in sorted(seen.marks) if mark in text),
            *(match.group() for match in VENDORS.finditer(text)),
            *(word for word in (NEUTRAL, "/go/", str(LEAVE["note"])) if word in text),
        ]
        if found:
            yield f"tells {found} in {text[:120]!r}"


def linked_data_sells_nothing(seen: Seen) -> Iterator[str]:
    for text in seen.reading.linked_data:
        data = json.loads(text)
        wanted = "Drug" if seen.is_topical else "DietarySupplement"
        if data.get("@type") != wanted:
            yield f"is a {data.get('@type')}, not a {wanted}"
        if "description" in data:
            yield "makes a claim without the sentence that has to stand beside it"
        if found := RESERVED_FOR_VENDORS.search(" ".join(_keys(data))):
            yield f"has {found.group()!r}"


def _keys(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _keys(value)
    elif isinstance(data, list):
        for value in data:
            yield from _keys(value)


def codes_lead_where_the_card_does_or_nowhere(seen: Seen) -> Iterator[str]:
    reading = seen.reading
    if reading.surface != "go":
        return
    due = next((due for due in seen.due if due.product == reading.data["product"]), None)
    if due is None or due.link != "go":
        # A substitute that may not be redirected to sends people to our page, which links to it.
        if reading.location not in (None, f"{PUBLIC_URL}/f/{reading.slug}") or reading.status not in (
            302,
            404,
            409,
            410,
        ):
            yield f"{reading.status} to {reading.location}"
        if due is None and reading.status not in (404, 409, 410):
            yield f"{reading.status} though it is not offered"
    elif reading.status != 302 or urlsplit(reading.location or "").hostname != due.host:
        yield f"{reading.status} to {reading.location}"
    if reading.data["cache"] != "no-store":
        yield f"may be kept: {reading.data['cache']}"


def campaigns_stand_on_our_own_pages_alone(seen: Seen) -> Iterator[str]:
    for url in re.findall(r'https?://[^\s"<>]+', seen.reading.whole):
        names = [name for name, _ in parse_qsl(urlsplit(url).query)]
        if any(name.startswith("utm_") for name in names) and not url.startswith(f"{PUBLIC_URL}/"):
            yield f"{url} carries our campaign"


@dataclass(frozen=True)
class Rule:
    check: Callable[[Seen], Iterator[str]]
    reason: str


RULES: Final = (
    Rule(no_figure_but_the_one_told, "Fullscript's policy on public discounts; audiences; Amazon tells none at all"),
    Rule(no_mark_of_a_discount_that_is_not_told, "a code or its terms tell of a discount as its figure does"),
    Rule(a_discount_that_may_be_told_is_told, "what is in force and admitted is told, and ends on time"),
    Rule(the_neutral_sentence_stands_for_figures_kept_back, "a public card says that pricing shows after sign-in"),
    Rule(prices_are_private_and_never_amazons, "Amazon's prices come from its API alone; no figure in public"),
    Rule(a_looser_rule_shows_its_permission, "a looser cell needs its written permission, and says so"),
    Rule(a_vendors_host_stands_only_where_links_are_direct, "messages, print and speech lead to our page"),
    Rule(our_redirect_stands_only_where_links_go, "no redirect hides an Amazon link, none is sent or printed"),
    Rule(every_offer_has_the_link_of_its_cell, "the table of the channel policy"),
    Rule(every_button_is_there_once_and_complete, "16 CFR 255.5: beside the link; rel tells search engines"),
    Rule(every_offer_tells_the_interest, "16 CFR 255.5 and the Amazon Operating Agreement, on every surface"),
    Rule(amazon_is_labelled_tagged_and_never_hidden, "the Amazon Operating Agreement: label, tag, no redirect"),
    Rule(a_supplement_has_the_fda_sentence_and_a_drug_its_facts, "21 CFR 101.93 and 201.66"),
    Rule(the_liniments_warnings_go_where_disclosures_go, "21 CFR 201.66, 16 CFR 1500.130"),
    Rule(californias_warning_stands_with_its_product, "27 CCR 25602: with the product, before it is bought"),
    Rule(nothing_read_by_others_names_a_condition, "previews and locked screens are read by others"),
    Rule(what_programs_read_of_a_page_tells_no_offer, "a preview has no disclosure and no sign-in beside it"),
    Rule(linked_data_sells_nothing, "a price in linked data is a public price"),
    Rule(codes_lead_where_the_card_does_or_nowhere, "a redirect follows the policy of its channel"),
    Rule(campaigns_stand_on_our_own_pages_alone, "a vendor's link carries nothing of ours but the account"),
)


def faults_of(seen: Seen) -> list[str]:
    """Everything a surface says that it may not, or keeps back that it must say."""
    return [f"{rule.check.__name__}: {fault} ({rule.reason})" for rule in RULES for fault in rule.check(seen)]
