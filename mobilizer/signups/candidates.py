"""Who may be asked to take a shift, and who may walk in: members within a leader's reach; for a member, their own."""

from collections.abc import Collection
from typing import NamedTuple, Protocol

from sqlalchemy import and_, exists, func, or_, select

from mobilizer import phones
from mobilizer.extensions import db
from mobilizer.members import finding
from mobilizer.members.rules import covering
from mobilizer.model import Attachment, Branch, Member, with_all_above, within
from mobilizer.policy import Reader

FOUND = 12


class Around(Protocol):
    """What people are looked for around: a shift, or a branch. Its branch and unit, and whom its call was addressed to."""

    @property
    def branch_id(self) -> int: ...
    @property
    def unit_code(self) -> str: ...
    @property
    def audience_branch_id(self) -> int | None: ...
    @property
    def audience_unit_code(self) -> str | None: ...


class AroundBranch(NamedTuple):
    """A branch, and no call of it."""

    branch_id: int
    unit_code: str
    audience_branch_id: int | None = None
    audience_unit_code: str | None = None


class Candidate(NamedTuple):
    """Somebody who may be asked, or who has come. `branch_id` and `unit_code` are the home branch's: where they stand."""

    id: int
    name: str
    phone: str
    home_branch: str | None
    branch_id: int | None
    unit_code: str | None


_CANDIDATE = (Member.id, Member.name, Member.phone, Branch.name, Branch.id, Branch.unit_code)


def candidates(
    shift: Around, reader: Reader, text: str, *, only: Collection[int] = (), limit: int = FOUND
) -> list[Candidate]:
    """Members within the leader's reach whose name, pinyin, initials, phone or branch say every word of `text`.

    Within reach: the members of the shift's branch, attached ones too, those whom the call was addressed to, those
    of the checkpoint's unit, of the units above it (a town sends its own people down), and of whatever the leader's
    appointments cover. Whoever tells the whole phone number is found wherever they belong. Without a word: those of
    the shift's branch.
    """
    words = finding.words(text)
    branch_ids = {shift.branch_id, shift.audience_branch_id} - {None}
    scope = covering(reader)
    units = {shift.unit_code, shift.audience_unit_code, *scope.unit_codes} - {None}
    attached = exists().where(
        Attachment.member_id == Member.id,
        Attachment.branch_id.in_(branch_ids),
        Attachment.ends_at.is_(None),
    )
    reach = or_(
        Member.home_branch_id.in_(branch_ids | scope.branch_ids),
        attached,
        Branch.unit_code.in_(with_all_above([shift.unit_code])),
        *(within(Branch.unit_code, code) for code in sorted(code for code in units if code)),
    )
    says = [
        or_(finding.says(word), func.lower(Branch.name).contains(word, autoescape=True)) for word in words
    ]
    statement = (
        select(*_CANDIDATE)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(
            or_(and_(reach, *says), Member.phone == _whole_phone(text))
            if words
            else or_(Member.home_branch_id.in_(branch_ids), attached)
        )
        .order_by(Member.sort_name, Member.id)
        .limit(limit)
    )
    if only:
        statement = statement.where(Member.id.in_(only))
    return [Candidate._make(row) for row in db.session.execute(statement)]


def _whole_phone(text: str) -> str | None:
    try:
        return phones.read(text)
    except ValueError:
        return None


def of_my_branches(reader: Reader, text: str, *, limit: int = FOUND) -> list[Candidate]:
    """The others of the reader's own branches, attached ones too, whose name, pinyin or initials say every word; all of
    them for an empty text. Nobody else is found, so that nobody's name can be tried out; nor anybody by their phone, so
    that no number can be guessed digit by digit."""
    attached = exists().where(
        Attachment.member_id == Member.id,
        Attachment.branch_id.in_(reader.branch_ids),
        Attachment.ends_at.is_(None),
    )
    says = [finding.says(word, by_phone=False) for word in finding.words(text)]
    rows = db.session.execute(
        select(*_CANDIDATE)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(
            Member.id != reader.member_id,
            or_(Member.home_branch_id.in_(reader.branch_ids), attached),
            *says,
        )
        .order_by(Member.sort_name, Member.id)
        .limit(limit)
    )
    return [Candidate._make(row) for row in rows]


def are_of_my_branches(reader: Reader, member_ids: Collection[int]) -> bool:
    """Whether every one of them is a member of one of the reader's branches."""
    attached = exists().where(
        Attachment.member_id == Member.id,
        Attachment.branch_id.in_(reader.branch_ids),
        Attachment.ends_at.is_(None),
    )
    found = set(
        db.session.scalars(
            select(Member.id).where(
                Member.id.in_(member_ids), or_(Member.home_branch_id.in_(reader.branch_ids), attached)
            )
        )
    )
    return found >= set(member_ids)
