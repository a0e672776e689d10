"""The least application that shows what a server does."""

import os
import time

from flask import Flask, request

from mobilizer.bodies import WholeBodies


def create() -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1000
    app.wsgi_app = WholeBodies(app.wsgi_app)  # type: ignore[method-assign]

    @app.get("/pid")
    def pid() -> str:
        return str(os.getpid())

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1)
        return "done"

    @app.post("/length")
    def length() -> str:
        return str(len(request.get_data()))

    return app
