"""A bare Flask route that renders the rows of the open-shifts page from tuples in memory: no database, no log-in,
no translation, nothing but the same text and the same form for each row. What bench/open_shifts.py is measured against.
"""

from datetime import UTC, datetime, timedelta

from flask import Flask, render_template_string

ROWS = 105
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>可报班次</title></head><body><ul>
{% for id, starts, time, place, title, unit, taken, capacity, short in rows %}
<li class="item" id="shift-{{ id }}">
  <div class="item-lead"><time class="time" datetime="{{ starts }}">{{ time }}</time></div>
  <div class="item-body"><p class="item-title"><a href="/shifts/{{ id }}">{{ place }}</a></p><p>{{ title }} · {{ unit }}</p></div>
  <div class="item-figures"><span class="needed"><b>{{ taken }}</b>/{{ capacity }} 还缺 {{ short }} 人</span></div>
  <div class="item-action"><form class="one-button" method="post" action="/shifts/{{ id }}/sign-up" hx-post="/shifts/{{ id }}/sign-up" hx-target="#shift-{{ id }}" hx-swap="outerHTML"><input type="hidden" name="csrf_token" value="{{ token }}"><input type="hidden" name="operation_key" value="{{ key }}"><button type="submit" class="button button-primary">报名<span class="unseen"> {{ time }} {{ place }}</span></button></form></div>
</li>
{% endfor %}
</ul></body></html>"""


def create() -> Flask:
    app = Flask(__name__)
    first = datetime(2026, 11, 24, tzinfo=UTC)
    rows = [
        (
            n, (first + timedelta(hours=8 * n)).isoformat(), "08:00–16:00", f"{'东南西北中'[n % 5]}门卡口",
            "卡口值守志愿者招募", "古巷社区居委会", n % 3, 3, 3 - n % 3,
        )
        for n in range(ROWS)
    ]  # fmt: skip

    @app.get("/shifts")
    def shifts() -> str:
        return render_template_string(PAGE, rows=rows, token="t" * 90, key="k" * 16)

    return app
