"""A sheet of earlier service to upload."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class RecordsForm(FlaskForm):
    file = FileField(
        _l("The file"),
        [FileRequired(_l("Please choose a file."))],
        render_kw={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt"},
    )
