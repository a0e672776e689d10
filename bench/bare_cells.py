"""A bare Flask route that renders as many cells of a board as it is asked for, from tuples in memory: no database, no
log-in, no translation. What bench/coverage.py is measured against.
"""

from flask import Flask, render_template_string

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>覆盖</title></head><body><table>
{% for place, cells in rows %}<tr><th scope="row"><a href="/coverage?unit={{ place }}">{{ place }}</a></th>
{% for hour, state, on_site, signed, needed in cells %}<td class="is-{{ state }}"><a href="/coverage/cell?unit={{ place }}&amp;from={{ hour }}">{{ on_site }}/{{ signed }}/{{ needed }}</a></td>{% endfor %}</tr>
{% endfor %}</table></body></html>"""
ROWS = 143


def create() -> Flask:
    app = Flask(__name__)
    states = ("bare", "short", "covered", "full")

    def made(cells: int) -> list[tuple[str, list[tuple[str, str, int, int, int]]]]:
        each = cells // ROWS
        return [
            (
                f"320507001{row:03}",
                [(f"2026-11-27T{n:03}", states[(row + n) % 4], 2, n % 5, 4) for n in range(each)],
            )
            for row in range(ROWS)
        ]

    kept: dict[int, list[tuple[str, list[tuple[str, str, int, int, int]]]]] = {}

    @app.get("/cells/<int:cells>")
    def page(cells: int) -> str:
        if cells not in kept:
            kept[cells] = made(cells)
        return render_template_string(PAGE, rows=kept[cells])

    return app
