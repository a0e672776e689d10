"""A line as it was read, in one short line of text, so that what a person reads can be written beside it."""

from mobilizer.chains.lines import Line
from mobilizer.chains.times import Span


def said(line: Line) -> str:
    """number names phone +companions | times | places | days | "off" or what is asked."""
    if line.blank:
        return f"{line.number} -"
    who = " & ".join(
        "/".join(filter(None, each.names)) + (f" {each.phone}" if each.phone else "")
        for each in line.mentions
    )
    times = " ".join(_time(each) for each in line.spans) + (" either" if line.either else "")
    parts = [
        f"{line.number or '.'} {who or '?'}" + (f" +{line.companions}" if line.companions else ""),
        times.strip(),
        " ".join(line.places),
        " ".join(each.words for each in line.days),
        "off" if line.cancelled else "",
        " ".join(f"?{each}" for each in line.questions),
    ]
    return " | ".join(part for part in parts if part)


def _time(span: Span) -> str:
    if span.whole_day:
        return "all-day"
    if span.window:
        return f"{span.words}~"
    if span.starts is None:
        return span.words
    end = "" if span.ends is None else f"-{_clock(span.ends)}"
    return f"{_clock(span.starts)}{end}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
