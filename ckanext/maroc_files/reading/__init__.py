"""From the bytes of an uploaded file to one honest table; no CKAN here.

``child`` runs in a process of its own with its memory and time limited, because the
bytes come from outside. What decides is in pure functions: ``text`` (encoding and
delimiter), ``sheets`` (spreadsheets), ``header`` (where the table begins),
``columns`` (names) and ``types`` (what a column holds).
"""
