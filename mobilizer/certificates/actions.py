"""Issuing certificates, one or a whole branch's, and revoking one. The figures are the ledger's; nobody types them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, true, update

from mobilizer import journal
from mobilizer.accounts.queries import token_hash
from mobilizer.branches.queries import BranchRow
from mobilizer.certificates import ledger_queries, queries, rules
from mobilizer.certificates.queries import Subject
from mobilizer.certificates.rules import MOST, Figures, Order
from mobilizer.errors import N_, Refused
from mobilizer.extensions import run, table_of
from mobilizer.inputs import local_zone
from mobilizer.model import Branch, Certificate
from mobilizer.model.sealing import district_of
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor

_TABLE = table_of(Certificate)
_INSERT = insert(_TABLE).returning(_TABLE.c.id, sort_by_parameter_order=True)
NOTHING = (
    "nothing-served",
    N_("The ledger has no service in this period. Choose another period, or close the shifts first."),
)


def issue(
    branch_id: int,
    member_id: int,
    order: Order,
    *,
    volunteer_number: str,
    seen: str,
    nonce: Callable[[], str],
    secret_key: str,
    by: Actor,
    now: datetime,
) -> int:
    """A certificate of one member's service; answers its id.

    Refuses a member the branch has nothing to do with, a period without service or to come, what has changed since it was
    looked at (`seen`: the checksum then), and what one certificate says already.
    """
    rules.check_period(order.from_day, order.to_day, _today(now))
    _lock(branch_id)
    subject = queries.subject(branch_id, member_id)
    if subject is None:
        raise Refused("subject-unknown", N_("This member has no service with the branch."), status=404)
    through, counted = ledger_queries.of_subjects([subject], order.from_day, order.to_day)
    if member_id not in counted:
        raise Refused(*NOTHING, status=422, field="to_day")
    if counted[member_id].checksum != seen:
        raise Refused(
            "ledger-changed",
            N_("The ledger has changed since you looked. Please look at the figures again."),
        )
    there = _there([subject], counted, order)
    if member_id in there:
        raise Refused(
            "certificate-there",
            N_("This is certified already: %(number)s. Print that one again, or revoke it first."),
            number=there[member_id][1],
        )
    drawn = [_drawn(subject, counted[member_id], through[member_id], volunteer_number)]
    (made,) = _issue(subject.branch, order, drawn, nonce=nonce, secret_key=secret_key, by=by, now=now)
    return made


def issue_all(
    branch: BranchRow, order: Order, *, nonce: Callable[[], str], secret_key: str, by: Actor, now: datetime
) -> tuple[list[int], int]:
    """A certificate for everybody who served in the period; whoever has just this one already keeps it. Answers the ids of all
    of them, and how many are new. Refuses a period without service or to come, and more than MOST people."""
    rules.check_period(order.from_day, order.to_day, _today(now))
    _lock(branch.id)
    everybody = queries.subjects(branch, true())
    through, counted = ledger_queries.of_subjects(everybody, order.from_day, order.to_day)
    served = [each for each in everybody if each.member_id in counted]
    if not served:
        raise Refused(*NOTHING, status=422, field="to_day")
    if len(served) > MOST:
        raise Refused(
            "too-many-at-once",
            N_(
                "%(count)s people served in this period; at most %(most)s at once. Please choose a shorter one."
            ),
            status=422,
            field="to_day",
            count=len(served),
            most=MOST,
        )
    there = _there(served, counted, order)
    fresh = [each for each in served if each.member_id not in there]
    known = queries.volunteer_numbers([each.member_id for each in fresh])
    drawn = [
        _drawn(each, counted[each.member_id], through[each.member_id], known.get(each.member_id, ""))
        for each in fresh
    ]
    made = _issue(branch, order, drawn, nonce=nonce, secret_key=secret_key, by=by, now=now) if drawn else []
    return [certificate_id for certificate_id, _number in there.values()] + made, len(made)


def revoke(certificate_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """It holds no more, and whoever verifies it is told so. It is not brought back: another one is issued. Refuses one that is
    revoked already; two at once: one of them."""
    taken_back = (
        update(_TABLE)
        .where(_TABLE.c.id == certificate_id, _TABLE.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by_id=by.member_id, revoked_because=reason)
        .returning(_TABLE.c.id)
    )
    if run(taken_back).first() is None:
        raise Refused("certificate-revoked", N_("This certificate is revoked already."))
    certificate = queries.certificate(certificate_id)
    if certificate is None:
        raise RuntimeError("a certificate that was revoked a moment ago")
    journal.write(
        "certificate.revoked",
        certificate_id,
        by=by,
        now=now,
        unit_code=certificate.unit_code,
        branch_id=certificate.branch_id,
        number=certificate.number,
        member=certificate.member_id,
        reason=reason,
    )
    notices.write(
        "certificate-revoked",
        [certificate.member_id],
        now=now,
        branch=certificate.branch_name,
        number=certificate.number,
        why=reason,
    )


def _today(now: datetime) -> date:
    return now.astimezone(local_zone()).date()


def _lock(branch_id: int) -> None:
    """Whoever issues for the branch waits here, so that its numbers have no gap and nothing is certified twice."""
    run(select(Branch.id).where(Branch.id == branch_id).with_for_update(key_share=True))


def _there(
    subjects: Sequence[Subject], counted: Mapping[int, Figures], order: Order
) -> dict[int, tuple[int, str]]:
    """member id -> (id, number) of a certificate that says just this and holds."""
    rows = run(
        select(_TABLE.c.id, _TABLE.c.number, _TABLE.c.member_id, _TABLE.c.scope, _TABLE.c.checksum)
        .where(
            _TABLE.c.branch_id == subjects[0].branch_id,
            _TABLE.c.from_day == order.from_day if order.from_day else _TABLE.c.from_day.is_(None),
            _TABLE.c.to_day == order.to_day,
            _TABLE.c.language == order.language,
            _TABLE.c.revoked_at.is_(None),
        )
        .order_by(_TABLE.c.id)
    )
    wanted = {each.member_id: (each.scope, counted[each.member_id].checksum) for each in subjects}
    return {
        row.member_id: (row.id, row.number)
        for row in rows
        if wanted.get(row.member_id) == (row.scope, row.checksum)
    }


def _drawn(subject: Subject, counted: Figures, through: int, volunteer_number: str) -> dict[str, Any]:
    """What a certificate says of its member."""
    return {
        "member_id": subject.member_id,
        "name": subject.name,
        "volunteer_number": volunteer_number,
        "scope": subject.scope,
        "person_times": counted.person_times,
        "minutes": counted.minutes,
        "through_record_id": through,
        "checksum": counted.checksum,
    }


def _issue(
    branch: BranchRow,
    order: Order,
    drawn: Sequence[Mapping[str, Any]],
    *,
    nonce: Callable[[], str],
    secret_key: str,
    by: Actor,
    now: datetime,
) -> list[int]:
    """Number and keep them, in this order; each is journalled, and each member told. The same few statements for many."""
    year, district = _today(now).year, district_of(branch.unit_code)
    said = asdict(order) | {"branch_id": branch.id, "year": year, "issued_at": now, "revoked_because": ""}
    said |= {"issued_by_id": by.member_id, "appointment_id": by.appointment_id}
    rows = []
    for serial, of_member in enumerate(drawn, _next_serial(branch.id, year)):
        fresh = nonce()
        numbered = {
            "serial": serial,
            "number": rules.number_of(district, branch.id, year, serial),
            "nonce": fresh,
            "token_hash": token_hash(rules.token_of(secret_key, fresh)),
        }
        rows.append(said | dict(of_member) | numbered)
    ids = list(run(_INSERT, rows).scalars())
    _tell(branch, ids, rows, by, now)
    return ids


def _tell(
    branch: BranchRow, ids: Sequence[int], rows: Sequence[Mapping[str, Any]], by: Actor, now: datetime
) -> None:
    """One line in the branch's journal, and a notice for each member."""
    many = {"count": len(ids), "certificates": ids} if len(ids) > 1 else {}
    journal.write(
        "certificate.issued",
        branch.id if many else ids[0],
        by=by,
        now=now,
        unit_code=branch.unit_code,
        branch_id=branch.id,
        numbers=[row["number"] for row in rows],
        members=[row["member_id"] for row in rows],
        **many,
    )
    told = [(row["member_id"], None, {"branch": branch.name, "number": row["number"]}) for row in rows]
    notices.write_each("certificate-issued", told, now=now)


def _next_serial(branch_id: int, year: int) -> int:
    last = run(
        select(func.max(_TABLE.c.serial)).where(_TABLE.c.branch_id == branch_id, _TABLE.c.year == year)
    ).scalar()
    return (last or 0) + 1
