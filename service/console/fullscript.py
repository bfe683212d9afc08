"""From the console to Fullscript, where a practitioner writes a treatment plan."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from service.partners.connection import current_fullscript

console_fullscript = Blueprint("console_fullscript", __name__, url_prefix="/console/fullscript")


@console_fullscript.post("/plan")
def open_plan() -> Response:
    """To a new plan. The link is asked for anew each time and kept nowhere: it opens Fullscript as the practitioner."""
    return redirect(current_fullscript().open_plan_link().url, 303)
