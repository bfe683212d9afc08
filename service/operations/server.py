"""Starting: is the address free, what is there to open, and the server itself."""

import os
import socket
import sys
from typing import NoReturn

from service.catalog.queries import list_published_slugs
from service.clicks.visitors import hand_down
from service.config import Settings, SettingsError, local_url
from service.referrals.book import Book

# Ctrl-C reaches every process of a terminal, and granian then ends its workers as well: a worker that was given both
# signals at once hung until it was killed (8 of 18 stops). So its workers leave Ctrl-C to granian (0 of 50 stops).
GRANIAN = """
import os, signal
from granian.cli import entrypoint
os.register_at_fork(after_in_child=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}))
entrypoint()
"""


def check_address(host: str, port: int) -> None:
    """Raises SettingsError when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise SettingsError(f"PORT: {host}:{port} cannot be used: {fault.strerror}. Set another PORT.") from fault


def announce(settings: Settings, book: Book, *, console_link: str | None = None) -> list[str]:
    """The lines that greet whoever starts the service: what to open, what is still an example.

    `console_link` is the one-time link for an owner who has no passphrase yet.
    """
    base = local_url(settings.host, settings.port)
    lines = [
        "",
        f"Formulary serves {book.practice.name} at {base}",
        f"  catalog   {base}/",
        f"  feed      {base}/feed.json",
        f"  API       {base}/api/",
    ]
    lines += [f"  formula   {base}/f/{slug}" for slug in list_published_slugs("formula")[:5]]
    lines.append(f"  console   {settings.public_url}/console/")
    if console_link is not None:
        lines.append(f"Nobody has a passphrase yet. Set the owner's within 15 minutes, once:\n  {console_link}")
    for program in book.example_accounts:
        lines.append(f"Still an example: the account of {program} in seed_data/practice.yaml. Its links earn nothing.")
    if not settings.is_production:
        lines.append("Development settings; production needs FORMULARY_ENV, PUBLIC_URL and SECRET_KEY (see README).")
    return [*lines, ""]


def threads() -> int:
    """Two to a core, and with the background's four fewer than the pool's 15 connections: no request waits for one."""
    return min(10, 2 * (os.cpu_count() or 1))


def run_server(settings: Settings) -> NoReturn:
    """Become granian: signals reach it directly, and what preparing used is given back."""
    sys.stdout.flush()
    if settings.counts_clicks:
        hand_down()
    os.execv(  # noqa: S606 - our own interpreter with our own arguments
        sys.executable,
        [
            sys.executable,
            "-c",
            GRANIAN,
            "--interface",
            "wsgi",
            "--host",
            settings.host,
            "--port",
            str(settings.port),
            "--workers",
            str(settings.workers),
            "--blocking-threads",
            str(threads()),
            "--no-ws",
            "--log-level",
            "warning",
            "--respawn-failed-workers",
            "--workers-kill-timeout",
            "8",
            "service.wsgi:app",
        ],
    )
