"""Rows out of the sheets that people really send, whatever the format, encoding and title rows.

    sheet = read(content, "花名册.xlsx")            a Refused says in words why it is no sheet
    columns = recognise(sheet, FIELDS, mapping)     which column is what, and the rows that are data
    for row in columns.body:
        name = text(columns.cell(row, "name"))

Nothing here knows what a name or a phone is: the fields and their synonyms are the caller's.
"""

from mobilizer.intake.cells import Cell, date, digits, text
from mobilizer.intake.headings import Columns, Field, Guess, Names, guess, recognise
from mobilizer.intake.reading import read
from mobilizer.intake.returning import returned
from mobilizer.intake.sheet import Row, Sheet, column_letter

__all__ = [
    "Cell",
    "Columns",
    "Field",
    "Guess",
    "Names",
    "Row",
    "Sheet",
    "column_letter",
    "date",
    "digits",
    "guess",
    "read",
    "recognise",
    "returned",
    "text",
]
