"""Logs: JSON lines on stderr. A request is told by its route, never by its address, query or body."""

import logging
import sys
import time

import structlog
from flask import Flask, Response, g, request


def configure_logging(level: str) -> None:
    """Send structlog's events and the libraries' records to stderr at this level."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(threshold, logging.WARNING),
        format="%(levelname)s %(name)s %(message)s",
    )


def log_requests(app: Flask) -> None:
    """One line for each request that reached Flask."""
    log = structlog.get_logger("request")

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        milliseconds = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 2)
        route = request.url_rule.rule if request.url_rule else None
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=milliseconds,
        )
        return response
