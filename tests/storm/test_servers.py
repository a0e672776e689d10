"""What the other tests are answered by, where it could mislead them."""

from threading import Event, Timer

from flask import Flask

from tests.storm.servers import Client, answering


def test_a_request_that_nobody_waits_for_has_ended_when_the_server_has() -> None:
    app, begun, further, ended = Flask("slow"), Event(), Event(), Event()

    @app.post("/")
    def slow() -> str:
        begun.set()
        further.wait(60)
        ended.set()
        return "heard by nobody"

    with answering(app) as port:
        Client(port).post_and_hang_up("/", "")
        assert begun.wait(60)
        Timer(0.2, further.set).start()
    assert ended.is_set()
