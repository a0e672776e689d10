"""Many certificates as one ZIP: a job, drawn and written one after the other, so that no more than a few are held at a time."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from mobilizer import secret
from mobilizer.branches import queries as branches
from mobilizer.certificates import ledger_queries, pdf, queries, rules, wording
from mobilizer.certificates.queries import CertificateRow
from mobilizer.certificates.rules import Document, State
from mobilizer.certificates.wording import Paper
from mobilizer.errors import N_
from mobilizer.jobs.kinds import Kind, Need, Task
from mobilizer.policy import Permission

AT_A_TIME = 50
"""Drawn by one process, which reads the font once."""
MISSING = "not-drawn.txt"
_NO_FILE = re.compile(r"[\\/:*?\"<>|]")


def needs(arguments: Mapping[str, Any]) -> list[Need]:
    return [(Permission.CERTIFICATE_ISSUE, branches.branch(arguments["branch_id"]))]


def work(task: Task) -> None:
    """`arguments`: the `ids` of certificates, the `branch_id` that issued them, and `verify`, the address before each token.
    Those that were revoked meanwhile are left out; so are those for which the font lacks a sign, which are named."""
    wanted = [
        each
        for each in queries.certificates(task.arguments["ids"])
        if each.state == State.GENUINE and each.branch_id == task.arguments["branch_id"]
    ]
    missing, done = [], 0
    with zipfile.ZipFile(task.path, "w", zipfile.ZIP_STORED) as bundle:  # PDFs are packed already
        for name, found in _drawn(wanted, task.arguments["verify"]):
            if isinstance(found, bytes):
                bundle.writestr(name, found)
            else:
                missing.append(
                    _(
                        "%(file)s: the font has no sign for %(signs)s. Please print its page.",
                        file=name,
                        signs=found,
                    )
                )
            done += 1
            task.tell(done, len(wanted))
        if missing:
            bundle.writestr(MISSING, "\n".join(missing) + "\n")


def _drawn(wanted: Sequence[CertificateRow], verify: str) -> Iterator[tuple[str, bytes | str]]:
    """The name of each file, and its bytes or the signs for want of which it cannot be drawn."""
    for first in range(0, len(wanted), AT_A_TIME):
        some = wanted[first : first + AT_A_TIME]
        yield from zip(map(_name, some), pdf.drawn([_paper(each, verify) for each in some]), strict=True)


def _paper(of: CertificateRow, verify: str) -> Paper:
    """With a line for the identity document, which nobody typed."""
    link = verify + rules.token_of(secret.key(), of.nonce)
    return wording.paper(of, ledger_queries.behind(of), link, Document.IDENTITY_CARD, "")


def _name(of: CertificateRow) -> str:
    return _NO_FILE.sub("_", f"{of.number} {of.name}.pdf")


KIND = Kind(name="certificates", label=N_("Service certificates"), needs=needs, work=work)
