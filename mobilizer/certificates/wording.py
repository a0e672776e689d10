"""What a certificate says on paper, in its own language: once, for the page that is printed and for the PDF."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime

from babel.dates import format_date
from flask_babel import force_locale, get_timezone
from flask_babel import gettext as _

from mobilizer import languages
from mobilizer.certificates.ledger_queries import Behind
from mobilizer.certificates.queries import CertificateRow
from mobilizer.certificates.rules import DOCUMENTS, Document, Scope
from mobilizer.filters import hours, number
from mobilizer.hours.rules import stars
from mobilizer.terms import LABELS, ServiceCategory

LANGUAGE = {"zh_CN": "zh-CN", "en": "en"}
_DAY = {"zh_CN": "y年M月d日", "en": "d MMMM y"}
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """All that stands on the sheet. Of `facts` and `signing`: (what, value); an empty value is a line to be filled in by hand.
    Tables: a head and rows of as many cells, the first of which names the row; `services` may be none."""

    language: str
    title: str
    number: str
    words: str
    facts: tuple[Row, ...]
    content: tuple[Row, ...]
    services: tuple[Row, ...]
    signing: tuple[Row, ...]
    seal: str
    link: str
    verify: str
    notes: tuple[str, ...]

    def signs(self) -> frozenset[str]:
        """Every sign that is needed to write it."""
        return frozenset("".join(_texts(list(asdict(self).values()))))


def _texts(values: object) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, list | tuple):
        for each in values:
            yield from _texts(each)


def paper(of: CertificateRow, behind: Behind, link: str, document: Document, document_number: str) -> Paper:
    """The certificate as it is printed. The document's number goes onto the sheet and nowhere else; "" leaves a line for it."""
    with force_locale(of.language):
        return Paper(
            language=LANGUAGE[of.language],
            title=_("Certificate of volunteer service"),
            number=_("Certificate no. %(number)s", number=of.number),
            words=_(
                "This is to certify that the volunteer named here has given the service set out below, as it was recorded."
            ),
            facts=tuple(_facts(of, behind, document, document_number)),
            content=tuple(_content(of, behind)),
            services=tuple(_services(behind)),
            signing=tuple(_signing(of)),
            seal=_("Seal of the issuer"),
            link=link,
            verify=_(
                "To verify, scan the code or open the link. It says whether this certificate is genuine."
            ),
            notes=tuple(_notes(of)),
        )


def _facts(of: CertificateRow, behind: Behind, document: Document, document_number: str) -> Iterator[Row]:
    yield _("Name of the volunteer"), of.name
    yield _(DOCUMENTS[document]) if document_number else _("Identity document and number"), document_number
    if of.volunteer_number:
        yield _("Volunteer number"), of.volunteer_number
    yield _("Period of service"), period(of.from_day, of.to_day)
    yield (
        _("Service given"),
        _(
            "%(times)s person-times, %(hours)s hours",
            times=number(of.person_times),
            hours=hours(of.minutes),
        ),
    )
    if of.scope == Scope.BRANCH:
        yield _("Served with"), of.branch_name
    elif earned := stars(behind.accumulated):
        yield (
            _("Stars"),
            _("%(stars)s (%(hours)s hours altogether)", stars="★" * earned, hours=hours(behind.accumulated)),
        )


def period(from_day: date | None, to_day: date) -> str:
    """In the language of the moment: 2026年1月1日至2026年11月24日."""
    if from_day is None:
        return str(_("until %(day)s", day=_day(to_day)))
    return str(_("%(first)s to %(last)s", first=_day(from_day), last=_day(to_day)))


def _day(value: date) -> str:
    code = languages.current()
    return str(format_date(value, _DAY[code], locale=languages.locale_of(code)))


def _content(of: CertificateRow, behind: Behind) -> Iterator[Row]:
    yield _("Content"), _("Person-times"), _("Hours")
    for part in behind.then.parts:
        yield _said(part.category), number(part.person_times), hours(part.minutes)
    yield _("Total"), number(of.person_times), hours(of.minutes)


def _services(behind: Behind) -> Iterator[Row]:
    if behind.services:
        yield _("Day"), _("Service"), _("Place"), _("Hours")
    for each in behind.services:
        yield _day(each.day), _said(each.category), each.checkpoint or each.branch, hours(each.minutes)


def _said(category: str) -> str:
    return str(_(LABELS[ServiceCategory(category)]))


def _signing(of: CertificateRow) -> Iterator[Row]:
    yield _("Issued by"), of.branch_name
    yield _("Unit of the issuer"), of.unit_name
    yield _("Person in charge"), of.person_in_charge
    yield _("Handled by"), of.handler
    yield _("Contact of the issuer"), of.contact
    yield _("Date"), _day(_local(of.issued_at))


def _local(moment: datetime) -> date:
    local: datetime = moment.astimezone(get_timezone())
    return local.date()


def _notes(of: CertificateRow) -> Iterator[str]:
    yield _(
        "Counted is the time actually served, from the entries of the ledger that stood on the day of issue; hours are rounded only where they are shown."
    )
    yield _("Checksum of the entries: %(checksum)s", checksum=of.checksum[:16])
    yield _("This certificate is free of charge.")
