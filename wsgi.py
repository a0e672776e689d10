"""The entry point for any WSGI server, and for `flask --app wsgi`."""

from mobilizer import create_app

application = create_app()
