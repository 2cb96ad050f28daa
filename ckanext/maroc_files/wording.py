"""The words by which the check of personal data knows a column, and speaks of it."""

from __future__ import annotations

from ckanext.maroc_law.words import fold, words

# Titles that speak of a person by themselves; « nom » and « adresse » do not: communes
# and schools have them too.
PERSON = frozenset(
    fold(each)
    for each in (
        "prenom", "prenoms", "nom et prenom", "nom prenom", "noms et prenoms",
        "prenom et nom", "nom complet", "nom de famille", "date de naissance",
        "ne le", "domicile", "الاسم الكامل", "الاسم الشخصي", "الاسم العائلي",
        "النسب", "تاريخ الازدياد", "عنوان السكن",
    )
)  # fmt: skip
PERSON_WORDS = frozenset({"prenom", "prenoms", "النسب", "domicile"})
WITH_A_PERSON = frozenset({"nom", "adresse"})

EMAIL_LABEL = words(
    fr="Adresse électronique", ar="البريد الإلكتروني", en="E-mail address"
)
TITLE_LABEL = words(
    fr="Titre qui annonce une personne", ar="عنوان يدل على شخص", en="Title of a person"
)

FOUND = {
    "fr": (
        "feuille « {sheet} », ",
        "colonne « {column} »",
        "colonne {number}",
        " : {label}. Cellules : {count}.",
    ),
    "ar": (
        "الورقة «{sheet}»، ",
        "العمود «{column}»",
        "العمود {number}",
        ": {label}. عدد الخلايا: {count}.",
    ),
    "en": (
        "sheet “{sheet}”, ",
        "column “{column}”",
        "column {number}",
        ": {label}. Cells: {count}.",
    ),
}
"""What is said of a column, part by part: the sheet, the column by its title or else by
its number, what was found."""
