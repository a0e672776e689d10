"""Tables that leave the house: CSV and XLSX. The guard against formulas stands here, once.

Table       columns, rows that are read once, perhaps a total, and notes
csv_chunks  as CSV, some 64 kB at a time
xlsx        as a workbook, for tables that fit into memory
write_book  several pages as one workbook, into a file: memory does not grow with the rows
"""

from mobilizer.sheets.comma import csv_chunks
from mobilizer.sheets.guard import guarded, unguarded
from mobilizer.sheets.remembering import Remembered
from mobilizer.sheets.table import Column, Formula, Line, Notes, Page, Summary, Table, Value, half_up
from mobilizer.sheets.workbook import book_chunks, write_book, xlsx

__all__ = [
    "Column",
    "Formula",
    "Line",
    "Notes",
    "Page",
    "Remembered",
    "Summary",
    "Table",
    "Value",
    "book_chunks",
    "csv_chunks",
    "guarded",
    "half_up",
    "unguarded",
    "write_book",
    "xlsx",
]
