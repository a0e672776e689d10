"""A link as a QR code: black on white with its quiet zone, so that it scans from a dark screen and from paper."""

from io import BytesIO

import segno


def svg(link: str) -> bytes:
    out = BytesIO()
    _code(link).save(out, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return out.getvalue()


def data_uri(link: str) -> str:
    """The same as the address of an <img>, for a sheet of many that is printed as one."""
    return _code(link).svg_data_uri(scale=8, border=4, dark="#000", light="#fff")


def _code(link: str) -> segno.QRCode:
    return segno.make(link, error="m", micro=False)
