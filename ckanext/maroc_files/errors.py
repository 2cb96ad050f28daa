"""Why a file is refused or its table cannot be shown: each reason with its way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class FileError:
    """A reason, as data. ``{names}`` in the sentences are filled from the detail."""

    code: str
    status: int
    """What an API answers for it (RFC 9110)."""
    field: str
    """The field of the form that it is about."""
    sentence: dict[str, str]
    """For every reader, in French, Arabic and English."""
    way_out: dict[str, str]
    """For the GdD: what to do."""
    state: str = "failed"
    """``skipped`` where the file is fine and simply holds no table."""

    def told(self, lang: str, detail: dict[str, Any] | None = None) -> str:
        """Return the sentence in a language, else in French."""
        return _filled(self.sentence, lang, detail)

    def help(self, lang: str, detail: dict[str, Any] | None = None) -> str:
        """Return the way out in a language, else in French."""
        return _filled(self.way_out, lang, detail)


class Refused(Exception):
    """What was asked cannot be done, for the reason of that code."""

    def __init__(self, code: str, **detail: Any) -> None:
        self.error = ERRORS[code]
        self.detail = detail
        super().__init__(code)

    def told(self, lang: str) -> str:
        """Return what is wrong and what to do, in a language."""
        said = (self.error.told(lang, self.detail), self.error.help(lang, self.detail))
        return " ".join(said)


class CannotLoad(Refused):
    """The file cannot become a table."""


class CannotStore(Refused):
    """The file is not taken in."""


def _filled(texts: dict[str, str], lang: str, detail: dict[str, Any] | None) -> str:
    return texts.get(lang, texts["fr"]).format_map(_Blank(detail or {}))


class _Blank(dict[str, Any]):
    """A detail that an older row lacks leaves a question mark, not an error."""

    def __missing__(self, key: str) -> str:
        return "?"


_SAVE_AGAIN = {
    "fr": "Ouvrez le fichier dans un tableur, enregistrez-le en .xlsx ou en CSV "
    "UTF-8, puis remplacez-le ici.",
    "ar": "افتحوا الملف في برنامج جداول، واحفظوه بصيغة ‎.xlsx أو CSV UTF-8، ثم "
    "استبدلوه هنا.",
    "en": "Open the file in a spreadsheet program, save it as .xlsx or CSV UTF-8, "
    "then replace it here.",
}
_SPLIT = {
    "fr": "Découpez la table en plusieurs fichiers, par année ou par région, ou "
    "retirez les feuilles et les mises en forme inutiles. Le fichier reste "
    "téléchargeable.",
    "ar": "قسّموا الجدول إلى عدة ملفات، حسب السنة أو الجهة، أو احذفوا الأوراق "
    "والتنسيقات غير الضرورية. يبقى الملف متاحا للتحميل.",
    "en": "Split the table into several files, by year or by region, or remove "
    "unneeded sheets and formatting. The file can still be downloaded.",
}
_ASK = {
    "fr": "Remplacez le fichier pour essayer de nouveau ; si cela continue, écrivez à "
    "l'administration du portail. Le fichier reste téléchargeable.",
    "ar": "استبدلوا الملف لإعادة المحاولة؛ وإذا استمر المشكل فراسلوا إدارة البوابة. "
    "يبقى الملف متاحا للتحميل.",
    "en": "Replace the file to try again; if it goes on, write to the portal's "
    "administration. The file can still be downloaded.",
}

_TABLE = (
    FileError(
        code="rows_unchecked",
        status=409,
        field="records",
        sentence={
            "fr": "Un contrôle exigé, « {check} », ne sait pas examiner des lignes "
            "une à une.",
            "ar": "فحص مطلوب، «{check}»، لا يستطيع دراسة السطور واحدا واحدا.",
            "en": "A required check, “{check}”, cannot examine rows one by one.",
        },
        way_out={
            "fr": "Déposez un fichier entier : il sera contrôlé.",
            "ar": "أودعوا ملفا كاملا: سيخضع للفحص.",
            "en": "Upload a whole file: it will be checked.",
        },
    ),
    FileError(
        code="too_big",
        status=413,
        field="upload",
        sentence={
            "fr": "Ce fichier dépasse {limit} Mo, la taille maximale d'un dépôt.",
            "ar": "يتجاوز هذا الملف {limit} ميغابايت، وهو الحجم الأقصى للإيداع.",
            "en": "This file is larger than {limit} MB, the most that can be uploaded.",
        },
        way_out={
            "fr": "Découpez-le, par année ou par région, ou donnez le lien vers le "
            "site où il se trouve.",
            "ar": "قسّموه حسب السنة أو الجهة، أو أدرجوا رابط الموقع الذي يوجد فيه.",
            "en": "Split it, by year or by region, or give the link to the site where "
            "it lies.",
        },
    ),
    FileError(
        code="locked_table",
        status=409,
        field="resource_id",
        sentence={
            "fr": "Cette table ne change qu'avec son fichier.",
            "ar": "لا يتغير هذا الجدول إلا بتغيير ملفه.",
            "en": "This table changes with its file alone.",
        },
        way_out={
            "fr": "Corrigez le fichier et déposez-le de nouveau : la table suivra.",
            "ar": "صححوا الملف وأعيدوا إيداعه: سيتبعه الجدول.",
            "en": "Correct the file and upload it again: the table follows.",
        },
    ),
    FileError(
        code="no_alias",
        status=409,
        field="aliases",
        sentence={
            "fr": "Une table n'a pas d'autre nom que l'identifiant de sa ressource.",
            "ar": "ليس للجدول اسم آخر غير معرّف مورده.",
            "en": "A table has no other name than the id of its resource.",
        },
        way_out={
            "fr": "Envoyez la table sans « aliases ».",
            "ar": "أرسلوا الجدول دون «aliases».",
            "en": "Send the table without “aliases”.",
        },
    ),
    FileError(
        code="no_function",
        status=409,
        field="name",
        sentence={
            "fr": "Le portail ne prend pas de fonctions dans la base des tables.",
            "ar": "لا تستقبل البوابة دوال في قاعدة بيانات الجداول.",
            "en": "The portal takes no functions into the database of the tables.",
        },
        way_out={
            "fr": "Préparez les données avant de les déposer.",
            "ar": "هيئوا المعطيات قبل إيداعها.",
            "en": "Prepare the data before you upload them.",
        },
    ),
    FileError(
        code="check_failed",
        status=500,
        field="upload",
        sentence={
            "fr": "La vérification de ce fichier n'a pas pu aller à son terme.",
            "ar": "تعذر إتمام فحص هذا الملف.",
            "en": "The check of this file could not be completed.",
        },
        way_out={
            "fr": "Regardez-le vous-même : rien ne dit qu'il ne contient pas de "
            "données personnelles.",
            "ar": "افحصوه بأنفسكم: لا شيء يدل على خلوه من معطيات شخصية.",
            "en": "Look at it yourself: nothing says that it holds no personal data.",
        },
    ),
    FileError(
        code="check_late",
        status=504,
        field="upload",
        sentence={
            "fr": "La vérification de ce fichier se fait attendre.",
            "ar": "تأخر فحص هذا الملف.",
            "en": "The check of this file is late.",
        },
        way_out={
            "fr": "Attendez encore, ou regardez-le vous-même.",
            "ar": "انتظروا قليلا، أو افحصوه بأنفسكم.",
            "en": "Wait a little, or look at it yourself.",
        },
    ),
    FileError(
        code="disk_full",
        status=507,
        field="upload",
        sentence={
            "fr": "Le portail n'a plus de place pour ce fichier ; rien n'a changé.",
            "ar": "لم تعد في البوابة مساحة لهذا الملف؛ ولم يتغير أي شيء.",
            "en": "The portal has no room left for this file; nothing has changed.",
        },
        way_out={
            "fr": "Écrivez à l'administration du portail, puis déposez-le de nouveau.",
            "ar": "راسلوا إدارة البوابة، ثم أعيدوا إيداعه.",
            "en": "Write to the portal's administration, then upload it again.",
        },
    ),
    FileError(
        code="empty",
        status=422,
        field="upload",
        state="skipped",
        sentence={
            "fr": "Ce fichier est vide.",
            "ar": "هذا الملف فارغ.",
            "en": "This file is empty.",
        },
        way_out={
            "fr": "Vérifiez le fichier d'origine et remplacez-le ici.",
            "ar": "تحققوا من الملف الأصلي واستبدلوه هنا.",
            "en": "Check the original file and replace it here.",
        },
    ),
    FileError(
        code="no_table",
        status=422,
        field="upload",
        state="skipped",
        sentence={
            "fr": "Ce fichier ne contient pas de table.",
            "ar": "لا يحتوي هذا الملف على جدول.",
            "en": "There is no table in this file.",
        },
        way_out={
            "fr": "Mettez les données dans une feuille visible : une ligne de titres "
            "de colonnes, puis une ligne par enregistrement.",
            "ar": "ضعوا البيانات في ورقة ظاهرة: سطر لعناوين الأعمدة ثم سطر لكل تسجيل.",
            "en": "Put the data in a visible sheet: one line of column titles, then "
            "one line for each record.",
        },
    ),
    FileError(
        code="not_a_table",
        status=415,
        field="upload",
        sentence={
            "fr": "Ce fichier n'est pas une table, malgré son nom ou son format "
            "déclaré.",
            "ar": "هذا الملف ليس جدولا، رغم اسمه أو صيغته المصرح بها.",
            "en": "This file is not a table, whatever its name or declared format.",
        },
        way_out={
            "fr": "Choisissez le fichier CSV, XLSX, XLS ou ODS d'origine, ou corrigez "
            "le format déclaré.",
            "ar": "اختاروا الملف الأصلي بصيغة CSV أو XLSX أو XLS أو ODS، أو صححوا "
            "الصيغة المصرح بها.",
            "en": "Choose the original CSV, XLSX, XLS or ODS file, or correct the "
            "declared format.",
        },
    ),
    FileError(
        code="markup",
        status=415,
        field="upload",
        sentence={
            "fr": "Ce fichier est une page web ou un document XML nommé comme un "
            "tableau.",
            "ar": "هذا الملف صفحة ويب أو وثيقة XML سميت كأنها جدول.",
            "en": "This file is a web page or an XML document named like a table.",
        },
        way_out=_SAVE_AGAIN,
    ),
    FileError(
        code="unreadable",
        status=422,
        field="upload",
        sentence={
            "fr": "Ce fichier est abîmé ou incomplet : il ne peut pas être lu.",
            "ar": "هذا الملف تالف أو غير مكتمل: تتعذر قراءته.",
            "en": "This file is damaged or incomplete: it cannot be read.",
        },
        way_out=_SAVE_AGAIN,
    ),
    FileError(
        code="malformed",
        status=422,
        field="upload",
        sentence={
            "fr": "Les guillemets de ce fichier CSV ne sont pas fermés correctement, "
            "vers la ligne {line}.",
            "ar": "علامات الاقتباس في ملف CSV هذا غير مغلقة بشكل صحيح، قرب السطر "
            "{line}.",
            "en": "The quotation marks of this CSV file do not close properly, near "
            "line {line}.",
        },
        way_out=_SAVE_AGAIN,
    ),
    FileError(
        code="encrypted",
        status=422,
        field="upload",
        sentence={
            "fr": "Ce fichier est protégé par un mot de passe.",
            "ar": "هذا الملف محمي بكلمة مرور.",
            "en": "This file is protected by a password.",
        },
        way_out={
            "fr": "Enregistrez-le sans mot de passe, puis remplacez-le ici.",
            "ar": "احفظوه دون كلمة مرور ثم استبدلوه هنا.",
            "en": "Save it without a password, then replace it here.",
        },
    ),
    FileError(
        code="too_large",
        status=413,
        field="upload",
        sentence={
            "fr": "Ce fichier est trop grand pour être affiché comme une table.",
            "ar": "هذا الملف أكبر من أن يعرض في شكل جدول.",
            "en": "This file is too large to be shown as a table.",
        },
        way_out=_SPLIT,
    ),
    FileError(
        code="too_many_rows",
        status=413,
        field="upload",
        sentence={
            "fr": "Cette table a plus de {limit} lignes, la limite de l'aperçu.",
            "ar": "يتجاوز هذا الجدول {limit} سطر، وهو حد المعاينة.",
            "en": "This table has more than {limit} rows, the limit of the preview.",
        },
        way_out=_SPLIT,
    ),
    FileError(
        code="too_many_columns",
        status=413,
        field="upload",
        sentence={
            "fr": "Cette table a {columns} colonnes ; la limite est de {limit}.",
            "ar": "عدد أعمدة هذا الجدول {columns}؛ والحد الأقصى هو {limit}.",
            "en": "This table has {columns} columns; the limit is {limit}.",
        },
        way_out={
            "fr": "Mettez les périodes ou les lieux en lignes plutôt qu'en colonnes, "
            "ou séparez la table en plusieurs fichiers.",
            "ar": "ضعوا الفترات أو الأماكن في أسطر بدل أعمدة، أو قسّموا الجدول إلى "
            "عدة ملفات.",
            "en": "Put periods or places in rows rather than in columns, or split the "
            "table into several files.",
        },
    ),
    FileError(
        code="cell_too_long",
        status=413,
        field="upload",
        sentence={
            "fr": "Une cellule, vers la ligne {line}, est trop longue.",
            "ar": "توجد خلية أطول من الحد المسموح، قرب السطر {line}.",
            "en": "A cell, near line {line}, is too long.",
        },
        way_out={
            "fr": "Vérifiez qu'un guillemet n'est pas resté ouvert ; sinon, mettez "
            "les longs textes ou les géométries dans un autre fichier.",
            "ar": "تحققوا من عدم بقاء علامة اقتباس مفتوحة؛ وإلا فضعوا النصوص الطويلة "
            "أو الأشكال الهندسية في ملف آخر.",
            "en": "Check that no quotation mark stayed open; otherwise put long texts "
            "or geometries in another file.",
        },
    ),
    FileError(
        code="refused",
        status=422,
        field="upload",
        sentence={
            "fr": "La base de données a refusé une valeur de cette table.",
            "ar": "رفضت قاعدة البيانات قيمة من هذا الجدول.",
            "en": "The database refused a value of this table.",
        },
        way_out=_ASK,
    ),
    FileError(
        code="missing",
        status=404,
        field="upload",
        sentence={
            "fr": "Le fichier manque sur le serveur.",
            "ar": "الملف غير موجود على الخادم.",
            "en": "The file is missing on the server.",
        },
        way_out={
            "fr": "Déposez le fichier de nouveau.",
            "ar": "أعيدوا إيداع الملف.",
            "en": "Upload the file again.",
        },
    ),
    FileError(
        code="gave_up",
        status=500,
        field="upload",
        sentence={
            "fr": "La table n'a pas pu être préparée après plusieurs essais.",
            "ar": "تعذر تحضير الجدول بعد عدة محاولات.",
            "en": "The table could not be prepared after several attempts.",
        },
        way_out=_ASK,
    ),
)

ERRORS = {each.code: each for each in _TABLE}
