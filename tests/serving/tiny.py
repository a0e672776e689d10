"""The least application that shows what a server does."""

import os
import time

from flask import Flask


def create() -> Flask:
    app = Flask(__name__)

    @app.get("/pid")
    def pid() -> str:
        return str(os.getpid())

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1)
        return "done"

    return app
