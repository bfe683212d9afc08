"""Forms as a browser sends them: every value of the page's own form, with what somebody changed."""

from typing import Any

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def form_of(answer: TestResponse, kind: str = "sheet") -> dict[str, str]:
    """The values a browser would send from the page's form of this class."""
    tree: Any = html5lib.parse(answer.text, namespaceHTMLElements=False)
    form = next(found for found in tree.iter("form") if found.get("class") == kind)
    values: dict[str, str] = {}
    for found in form.iter():
        name = found.get("name")
        if name is None or (found.get("type") == "checkbox" and found.get("checked") is None):
            continue
        if found.tag == "input":
            values[name] = found.get("value", "")
        elif found.tag == "textarea":
            values[name] = (found.text or "").removeprefix("\n")
        elif found.tag == "select":
            options = list(found.iter("option"))
            chosen = next((option for option in options if option.get("selected") is not None), options[0])
            values[name] = chosen.get("value", chosen.text)
    return values


def send(client: FlaskClient, path: str, changes: dict[str, str | None]) -> TestResponse:
    """Open the page, change these fields (None unticks), and send its form."""
    shown = client.get(path)
    assert shown.status_code == 200, shown.text
    values = {**form_of(shown), **changes}
    return client.post(path, data={name: value for name, value in values.items() if value is not None})


def told_at(answer: TestResponse, field: str) -> str:
    """The error at a field, which has to be tied to it and kept in the list at the top; "" where there is none."""
    tree: Any = html5lib.parse(answer.text, namespaceHTMLElements=False)
    told = next((found for found in tree.iter("p") if found.get("id") == f"{field}-error"), None)
    if told is None:
        return ""
    control = next(found for found in tree.iter() if found.get("id") == f"field-{field}")
    assert control.get("aria-invalid") == "true"
    assert f"{field}-error" in control.get("aria-describedby", "").split()
    assert any(found.get("href") == f"#field-{field}" for found in tree.iter("a"))
    return "".join(told.itertext())
