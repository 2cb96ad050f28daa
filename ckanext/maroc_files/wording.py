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

ROW = words(
    fr="La cellule identifie une personne : {label}.",
    ar="تحدد هذه الخلية هوية شخص: {label}.",
    en="The cell identifies a person: {label}.",
)
"""What is said of a row that is not taken in."""

NO_FIT = {
    "column": words(
        fr="Cette colonne n'est pas de celles que la décision nomme.",
        ar="هذا العمود ليس من الأعمدة التي يذكرها القرار.",
        en="This column is none of those that the decision names.",
    ),
    "row": words(
        fr="Une ligne est un objet JSON : le nom de chaque colonne, et sa valeur.",
        ar="السطر كائن JSON: اسم كل عمود وقيمته.",
        en="A row is a JSON object: the name of each column, and its value.",
    ),
    "empty": words(
        fr="La ligne ne dit rien.", ar="السطر فارغ.", en="The row says nothing."
    ),
    "value": words(
        fr="La valeur n'est pas du type décidé : {type}.",
        ar="القيمة ليست من النوع المقرَّر: {type}.",
        en="The value is not of the type that was decided: {type}.",
    ),
    "type": words(
        fr="Ces valeurs se liraient autrement que comme le type décidé ({type}) : "
        "ajoutez-en une qui ne laisse pas de doute.",
        ar="قد تُقرأ هذه القيم على غير النوع المقرَّر ({type}): أضف قيمة لا تدع مجالا "
        "للشك.",
        en="These values would be read otherwise than as the type that was decided "
        "({type}): add one that leaves no doubt.",
    ),
}
"""Why a row does not fit a table."""
