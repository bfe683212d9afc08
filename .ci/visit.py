"""Visit a Formulary that is starting, as its readers would. Exit 1 names the first address that answers wrongly."""

# ruff: noqa: T201 - a command speaks by printing

import sys
import time
import urllib.error
import urllib.request
from urllib.parse import quote

FORMULA = "du-huo-ji-sheng-tang"
SECONDS_TO_START = 60
# Straight to this machine, whatever proxy its environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def visit(url: str) -> tuple[int, str, str]:
    """The status, the content type and the text at an address."""
    try:
        with OPENER.open(url, timeout=10) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read().decode()


def await_ready(base: str) -> bool:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            if visit(f"{base}/readyz")[0] == 200:
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def main(base: str) -> int:
    if not await_ready(base):
        print(f"{base}/readyz did not answer 200 within {SECONDS_TO_START} seconds.", file=sys.stderr)
        return 1
    promises = (
        ("/", 200, "text/html", FORMULA),
        (f"/f/{FORMULA}", 200, "text/html", "獨活寄生湯"),
        (f"/cards/{FORMULA}", 200, "text/html", FORMULA),
        ("/cards/no-such-formula", 404, "text/html", ""),
        ("/feed.json", 200, "application/feed+json", FORMULA),
        ("/api/v1/formulas", 200, "application/json", FORMULA),
        ("/api/v1/formulas/no-such-formula", 404, "application/problem+json", "status"),
        (f"/api/v1/search?q={quote('du huo')}", 200, "application/json", FORMULA),
        (f"/oembed?url={quote(f'{base}/f/{FORMULA}', safe='')}", 200, "application/json", "iframe"),
    )
    for path, status, kind, word in promises:
        found_status, found_kind, text = visit(base + path)
        if (found_status, found_kind) != (status, kind) or word not in text:
            print(
                f"{path} answered {found_status} {found_kind}; promised: {status} {kind} with {word!r}.",
                file=sys.stderr,
            )
            return 1
        print(f"  ok  {status} {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
