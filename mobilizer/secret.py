"""The site's secret key, for what is derived from it where there is no request: in a worker."""

from flask import current_app


def key() -> str:
    return str(current_app.config["SECRET_KEY"])
