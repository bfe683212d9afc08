"""The vendor's URL of a product: built from the program's template, or kept as pasted; host-checked."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from uritemplate import URITemplate

from service.shared.errors import FormularyError


class DestinationRefused(FormularyError):
    """A product's link cannot be made, or would lead outside its program."""

    code = "destination-refused"
    title = "This link cannot be made"
    status = 409


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
    return str(template.expand({variable: bound[variable] for variable in template.variable_names}))


def check_tag(url: str, tag: str) -> str:
    """The URL itself. Raises DestinationRefused unless its one Amazon tag is ours."""
    found = parse_qs(urlsplit(url).query).get("tag", [])
    if found != [tag]:
        raise DestinationRefused(f"{url!r} does not carry our tag {tag!r}, and it alone.")
    return url


def check_host(url: str, allowed_hosts: Collection[str]) -> str:
    """The URL itself. Raises DestinationRefused unless it is plain https to an allowed host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise DestinationRefused(f"{url!r} is not a URL: {fault}.") from fault
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or parts.scheme != "https" or parts.username is not None or port not in (None, 443):
        raise DestinationRefused(f"{url!r} is not a plain https URL.")
    if parts.hostname not in allowed_hosts:
        raise DestinationRefused(f"{parts.hostname!r} is not a host of this program: {', '.join(allowed_hosts)}.")
    return url
