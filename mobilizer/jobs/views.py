"""My files: how far they are, and fetching them: by whoever asked, and only while they still may."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.errors import N_, Refused
from mobilizer.jobs import actions, queries, shelf
from mobilizer.jobs.kinds import KINDS
from mobilizer.jobs.queries import JobLine
from mobilizer.policy import Permission

blueprint = Blueprint("jobs", __name__)

CHUNK = 1 << 16
MOST_ID = 2**31 - 1


def asked(job_id: int) -> JobLine | None:
    return queries.job(job_id) if job_id <= MOST_ID else None


@blueprint.get("/my/files")
@web.requires(Permission.HOME_READ)
def mine() -> Any:
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = queries.of_member(web.the_reader().member_id, page=page)

    def address(page: int) -> str:
        return url_for("jobs.mine", page=page if page > 1 else None)

    return render_template(
        "jobs/mine.html",
        jobs=lines[: queries.PAGE],
        kinds=KINDS,
        previous=address(page - 1) if page > 1 else None,
        next=address(page + 1) if len(lines) > queries.PAGE else None,
    )


@blueprint.get("/my/files/<int:job_id>")
@web.requires(Permission.JOB_READ, of=asked)
def one(job: JobLine) -> Response:
    return web.page_or_fragment("jobs/job.html", "jobs/_job.html", job=job, kinds=KINDS)


@blueprint.post("/my/files/<int:job_id>/cancel")
@web.requires(Permission.JOB_READ, of=asked)
def cancel(job: JobLine) -> Response:
    here = url_for("jobs.one", job_id=job.id)
    return web.command(
        lambda: actions.cancel(job.id, now=clock.now()),
        done=lambda _none: web.Done(N_("The file is not made."), here),
        page=lambda: render_template("jobs/job.html", job=asked(job.id), kinds=KINDS),
    )


@blueprint.get("/my/files/<int:job_id>/file")
@web.requires(Permission.JOB_READ, of=asked)
def fetch(job: JobLine) -> Response:
    """What the work needed is asked for again: an appointment may have ended meanwhile, or not count on this device."""
    if job.open:
        return web.go(url_for("jobs.one", job_id=job.id))
    for permission, thing in KINDS[job.kind].needs(job.arguments) if job.kind in KINDS else ():
        web.require(permission, thing)
    path = shelf.folder(current_app.config["INSTANCE_PATH"]) / job.stored_as
    if not job.stored_as or not path.is_file():
        raise Refused("file-gone", N_("This file is no longer kept. Please ask for it again."), status=404)
    response = web.attachment(_chunks(path), job.file_name, job.media_type)
    response.content_length = path.stat().st_size
    return response


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
