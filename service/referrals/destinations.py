"""The vendor's URL of a product: built from the program's template, or kept as pasted; host-checked."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from uritemplate import URITemplate

from service.referrals.book import KnownProgram
from service.referrals.marketplaces import kind_of_host
from service.referrals.sub_ids import SUB_ID, decoded, fault_of_link, loose_sub_id, patient_shaped
from service.shared.errors import FormularyError

# Where a link stands when nobody says; templates with a {placement} are bound with it.
ANYWHERE: Final = "site"
_ONLY_PATH: Final = re.compile(r"[^?#]*")
_HOST_LIKE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Segments by which a browser would ask for another path than the one that was checked.
_DOT_SEGMENT: Final = re.compile(r"\A//|/\.{1,2}(/|\Z)")
_VARIABLE: Final = re.compile(r"[A-Za-z0-9_]+")
ASIN: Final = re.compile(r"[A-Z0-9]{10}")
_AMAZON_PATHS: Final = re.compile(r"/s/?|/shop/[\w.-]+/?|(/[\w%.-]+)?/(dp|gp/product)/(?P<asin>[^/]+)(/.*)?")


class DestinationRefused(FormularyError):
    """A product's link cannot be made, or would lead outside its program."""

    code = "destination-refused"
    title = "This link cannot be made"
    status = 409


def ways_of(product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The ways to buy a product, in order: its own program and destination, then the owner's substitutes."""
    return [product, *product.get("substitutes", [])]


def destination_of(way: Mapping[str, Any], program: KnownProgram, placement: str = "") -> str:
    """The vendor's URL of a way to buy, with the account of the place it stands in. Raises DestinationRefused."""
    settings = {
        **program.settings,
        **program.placements.get(placement, {}),
        "placement": placement or ANYWHERE,
    }
    url = build_destination(
        way["destination"], templates=program.templates, settings=settings, allowed_hosts=program.allowed_hosts
    )
    fault = fault_of_link(url)
    if fault:
        raise DestinationRefused(fault)
    check_kind(url, program.kind)
    if program.kind == "amazon_associates":
        check_amazon(url, settings["tag"])
    if program.kind == "fullscript":
        check_dispensary(url, settings["dispensary"])
    return url


def check_way(way: Mapping[str, Any], program: KnownProgram) -> None:
    """Raises DestinationRefused unless the link can be made everywhere it may stand, with the account of each place."""
    for placement in ("", *program.placements):
        destination_of(way, program, placement)


def variables_of(templates: Mapping[str, str]) -> list[str]:
    """What the templates have to be given, by an account or by a product; `placement` is always known."""
    names = {name for text in templates.values() for name in URITemplate(text).variable_names}
    return sorted(names - {"placement"})


def fault_of_template(text: str, allowed_hosts: Collection[str]) -> str | None:
    """Why a URI template may not stand, in a sentence that says what to do; None where it may."""
    template = URITemplate(text)
    filled = template.expand({name: name for name in template.variable_names})
    if set("{}") & set(filled) or not all(map(_VARIABLE.fullmatch, template.variable_names)):
        return "Write each variable as {name}, of letters, digits and underscores, in braces that are closed."
    try:
        check_host(filled, allowed_hosts)
    except DestinationRefused:
        return "Begin with https:// and a host of allowed_hosts."
    loose = next(filter(SUB_ID.fullmatch, template.variable_names), None) or loose_sub_id(filled, "placement")
    if loose:
        return f"{loose} says where a link stands, and nothing about patients: write {loose}={{placement}}."
    faults = [patient_shaped(name, "") for name in template.variable_names]
    return next(filter(None, [*faults, fault_of_link(template.expand({}))]), None)


def build_destination(
    destination: Mapping[str, Any],
    *,
    templates: Mapping[str, str],
    settings: Mapping[str, str],
    allowed_hosts: Collection[str],
) -> str:
    """An absolute https URL on an allowed host.

    Raises DestinationRefused for an unknown template, an unbound variable, or a host that is not
    on the program's list.
    """
    url = destination.get("url") or _expand(destination, templates, settings)
    return check_host(url, allowed_hosts)


def _expand(
    destination: Mapping[str, Any],
    templates: Mapping[str, str],
    settings: Mapping[str, str],
) -> str:
    name = destination["template"]
    if name not in templates:
        raise DestinationRefused(f"The program has no template {name!r}; it has {', '.join(sorted(templates))}.")
    template = URITemplate(templates[name])
    bound = {**destination.get("variables", {}), **settings}
    unbound = sorted(variable for variable in template.variable_names if not bound.get(variable))
    if unbound:
        raise DestinationRefused(f"Template {name!r} lacks a value for {', '.join(unbound)}.")
    for variable in template.variable_names:
        reason = patient_shaped(variable, bound[variable])
        if reason:
            raise DestinationRefused(reason)
        if f"{{+{variable}}}" in template.uri and not _ONLY_PATH.fullmatch(bound[variable]):
            raise DestinationRefused(f"Give {variable} as the path of the page alone, without ? and #.")
    url = str(template.expand({variable: bound[variable] for variable in template.variable_names}))
    loose = loose_sub_id(url, settings.get("placement", ANYWHERE))
    if loose:
        raise DestinationRefused(f"{loose} says where a link stands and nothing else: bind it to {{placement}}.")
    return url


def check_host(url: str, allowed_hosts: Collection[str]) -> str:
    """The URL itself. Raises DestinationRefused unless it is plain https to an allowed host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise DestinationRefused(f"{url!r} is not a URL: {fault}.") from fault
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    plain = plain and not _DOT_SEGMENT.search(unquote(parts.path))
    if not plain or parts.scheme != "https" or parts.username is not None or port not in (None, 443):
        raise DestinationRefused(f"{url!r} is not a plain https URL.")
    if parts.hostname not in allowed_hosts:
        raise DestinationRefused(f"{parts.hostname!r} is not a host of this program: {', '.join(allowed_hosts)}.")
    return url


def check_kind(url: str, kind: str) -> None:
    """Raises DestinationRefused for a host, the URL's own or one it hands on, whose rules are another kind's."""
    own = kind_of_host(urlsplit(url).hostname or "")
    if own != kind:
        raise DestinationRefused(f"{url!r} leads to a host of programs of kind {own}.")
    for word in _HOST_LIKE.findall(decoded(url).lower()):
        other = kind_of_host(word)
        if other not in (kind, "template"):
            raise DestinationRefused(f"{url!r} leads on to {word}, a host of programs of kind {other}.")


def check_amazon(url: str, tag: str) -> None:
    """Raises DestinationRefused unless it is a product, a search or a shop with our one tag."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if query.get("tag", []) != [tag]:
        raise DestinationRefused(f"{url!r} does not carry our tag {tag!r}, and it alone.")
    path = _AMAZON_PATHS.fullmatch(parts.path)
    if path is None or (parts.path.startswith("/s") and not parts.path.startswith("/shop") and not query.get("k")):
        raise DestinationRefused(
            f"{url!r} is no product (/dp/ASIN), no search (/s?k=) and no shop (/shop/name) of Amazon's."
        )
    if path["asin"] is not None and not ASIN.fullmatch(path["asin"]):
        raise DestinationRefused(f"{path['asin']!r} is no ASIN: ten capital letters and digits, like B000000000.")


def check_dispensary(url: str, dispensary: str) -> None:
    """Raises DestinationRefused for a welcome link of another dispensary; product and protocol links are opaque."""
    path = urlsplit(url).path.lower()
    if path.startswith("/welcome") and path.split("/")[2:3] != [dispensary]:
        raise DestinationRefused(f"{url!r} welcomes to another dispensary than {dispensary!r}.")
