"""What may be refused when figures are asked for, in the reader's language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from . import wording
from .words import LANGS, Texts


@dataclass(frozen=True, kw_only=True)
class Error:
    """A refusal: its code, HTTP status, the field it is about, sentence and way out."""

    code: str
    status: int
    field: str
    sentence: Texts
    way_out: Texts


UNKNOWN_INDICATOR = Error(
    code="unknown_indicator",
    status=404,
    field="name",
    sentence={
        "fr": "Aucun indicateur ne s’appelle « {given} ».",
        "ar": "لا يوجد أي مؤشر باسم «{given}».",
        "en": "There is no indicator called “{given}”.",
    },
    way_out={
        "fr": "L’action maroc_kpi_list les donne tous.",
        "ar": "يعرضها الإجراء maroc_kpi_list كلها.",
        "en": "The action maroc_kpi_list gives them all.",
    },
)

UNKNOWN_INSTITUTION = Error(
    code="unknown_institution",
    status=404,
    field="organization",
    sentence={
        "fr": "Aucune institution ne s’appelle « {given} » sur ce portail.",
        "ar": "لا توجد على هذه البوابة أي مؤسسة باسم «{given}».",
        "en": "There is no institution called “{given}” on this portal.",
    },
    way_out={
        "fr": "La page des indicateurs les donne toutes.",
        "ar": "تعرضها صفحة المؤشرات كلها.",
        "en": "The page of indicators lists them all.",
    },
)

UNKNOWN_DATASET = Error(
    code="unknown_dataset",
    status=404,
    field="id",
    sentence={
        "fr": "Aucun jeu de données ne s’appelle « {given} » sur ce portail.",
        "ar": "لا توجد على هذه البوابة أي مجموعة بيانات باسم «{given}».",
        "en": "There is no dataset called “{given}” on this portal.",
    },
    way_out={
        "fr": "L’action package_search les cherche tous.",
        "ar": "يبحث الإجراء package_search فيها كلها.",
        "en": "The action package_search searches them all.",
    },
)

NO_PERIOD = Error(
    code="no_period",
    status=409,
    field="since",
    sentence={
        "fr": "« {given} » n’est ni un mois ni un jour.",
        "ar": "«{given}» ليس شهرًا ولا يومًا.",
        "en": "“{given}” is neither a month nor a day.",
    },
    way_out={
        "fr": "Écrivez 2026-01 ou 2026-01-31.",
        "ar": "اكتبوا 2026-01 أو 2026-01-31.",
        "en": "Write 2026-01 or 2026-01-31.",
    },
)

NOT_ENTERED = Error(
    code="not_entered",
    status=409,
    field="id",
    sentence={
        "fr": "Le portail mesure lui-même « {given} ».",
        "ar": "البوابة نفسها تقيس «{given}».",
        "en": "The portal itself measures “{given}”.",
    },
    way_out={
        "fr": "Seuls les indicateurs qui attendent une source extérieure en "
        "reçoivent une.",
        "ar": "لا تُسجَّل قيمة إلا لمؤشر ينتظر مصدرًا خارجيًا.",
        "en": "Only indicators that await an outside source are given one.",
    },
)

WRONG_LETTER = Error(
    code="wrong_letter",
    status=409,
    field="letter",
    sentence={
        "fr": "Une source « {given} » ne convient pas à cet indicateur.",
        "ar": "المصدر «{given}» لا يناسب هذا المؤشر.",
        "en": "A source “{given}” does not suit this indicator.",
    },
    way_out={
        "fr": "Lettres admises : {letters}.",
        "ar": "الأحرف المقبولة: {letters}.",
        "en": "Letters allowed: {letters}.",
    },
)

WRONG_NUMBERS = Error(
    code="wrong_numbers",
    status=409,
    field="value",
    sentence={
        "fr": "Ces nombres ne vont pas ensemble.",
        "ar": "هذه الأعداد غير متسقة.",
        "en": "These numbers do not go together.",
    },
    way_out={
        "fr": "Un compte se donne par value, une part par numerator et denominator "
        "; numerator ≤ denominator, low ≤ value ≤ high, n ≤ population ; un "
        "échantillon compte autant de réponses que son dénominateur.",
        "ar": "يُعطى العدد في value والنسبة في numerator وdenominator؛ numerator ≤ "
        "denominator وlow ≤ value ≤ high وn ≤ population؛ وعدد أجوبة العينة "
        "يساوي المقام.",
        "en": "A count is given as value, a share as numerator and denominator; "
        "numerator ≤ denominator, low ≤ value ≤ high, n ≤ population; a "
        "sample has as many answers as its denominator.",
    },
)

IN_THE_FUTURE = Error(
    code="in_the_future",
    status=409,
    field="as_of",
    sentence={
        "fr": "Le {given} n’est pas encore venu.",
        "ar": "لم يحن {given} بعد.",
        "en": "{given} has not come yet.",
    },
    way_out={
        "fr": "Donnez le jour où la valeur était vraie.",
        "ar": "أعط اليوم الذي كانت فيه القيمة صحيحة.",
        "en": "Give the day on which the value was true.",
    },
)

ROSTER_UNREADABLE = Error(
    code="roster_unreadable",
    status=409,
    field="upload",
    sentence={
        "fr": "Ce fichier ne peut pas être lu.",
        "ar": "تعذرت قراءة هذا الملف.",
        "en": "This file cannot be read.",
    },
    way_out={
        "fr": "Envoyez un XLSX, ou un CSV en UTF-8, de 5 Mo au plus.",
        "ar": "أرسل ملف XLSX أو CSV بترميز UTF-8 لا يتجاوز 5 ميغابايت.",
        "en": "Send an XLSX, or a CSV in UTF-8, of 5 MB at most.",
    },
)

ROSTER_EMPTY = Error(
    code="roster_empty",
    status=409,
    field="upload",
    sentence={
        "fr": "Cette liste est vide.",
        "ar": "هذه اللائحة فارغة.",
        "en": "This list is empty.",
    },
    way_out={
        "fr": "La première ligne porte les titres, chaque ligne suivante une "
        "institution.",
        "ar": "السطر الأول للعناوين، وكل سطر بعده لمؤسسة.",
        "en": "The first row has the titles, each following row an institution.",
    },
)

ROSTER_COLUMNS = Error(
    code="roster_columns",
    status=409,
    field="upload",
    sentence={
        "fr": "Il manque une colonne.",
        "ar": "ينقص عمود.",
        "en": "A column is missing.",
    },
    way_out={
        "fr": "Les titres sont « nom », « nature » et, si l’on veut, « région ».",
        "ar": "العناوين هي «nom» و«nature» و«région» عند الاقتضاء.",
        "en": "The titles are “name”, “kind” and, if wanted, “region”.",
    },
)

ROSTER_KIND = Error(
    code="roster_kind",
    status=409,
    field="upload",
    sentence={
        "fr": "Ligne {row} : « {given} » n’est pas une nature d’organisme.",
        "ar": "السطر {row}: «{given}» ليست طبيعة هيئة.",
        "en": "Row {row}: “{given}” is not a kind of body.",
    },
    way_out={
        "fr": "Les natures sont celles de l’article 2 de la loi 31-13 "
        "(maroc_vocabulary_show, bodies).",
        "ar": "الطبائع هي الواردة في المادة 2 من القانون رقم 31.13 "
        "(maroc_vocabulary_show، bodies).",
        "en": "The kinds are those of article 2 of law 31-13 "
        "(maroc_vocabulary_show, bodies).",
    },
)

UNKNOWN_DISPUTE = Error(
    code="unknown_dispute",
    status=404,
    field="id",
    sentence={
        "fr": "Aucune contestation ne porte le numéro {given}.",
        "ar": "لا يوجد أي طعن برقم {given}.",
        "en": "There is no dispute number {given}.",
    },
    way_out={
        "fr": "L’action maroc_kpi_dispute_list les donne toutes.",
        "ar": "يعرضها الإجراء maroc_kpi_dispute_list كلها.",
        "en": "The action maroc_kpi_dispute_list gives them all.",
    },
)

ALREADY_DISPUTED = Error(
    code="already_disputed",
    status=409,
    field="id",
    sentence={
        "fr": "Ce chiffre est déjà contesté, et la réponse n’est pas encore venue.",
        "ar": "هذا الرقم مطعون فيه من قبل، ولم يأت الجواب بعد.",
        "en": "This figure is disputed already, and not answered yet.",
    },
    way_out={
        "fr": "Attendez la réponse ; vous pourrez alors le contester à nouveau.",
        "ar": "انتظروا الجواب؛ ويمكنكم بعده الطعن من جديد.",
        "en": "Wait for the answer; you may dispute it again after that.",
    },
)

ALREADY_ANSWERED = Error(
    code="already_answered",
    status=409,
    field="id",
    sentence={
        "fr": "Cette contestation a déjà sa réponse, qui ne change plus.",
        "ar": "لهذا الطعن جواب من قبل، وهو لا يتغير.",
        "en": "This dispute has its answer already, which does not change.",
    },
    way_out={
        "fr": "L’institution peut contester le chiffre à nouveau.",
        "ar": "يمكن للمؤسسة الطعن في الرقم من جديد.",
        "en": "The institution may dispute the figure again.",
    },
)

NOTHING_TO_DISPUTE = Error(
    code="nothing_to_dispute",
    status=409,
    field="month",
    sentence={
        "fr": "Aucun chiffre de « {given} » n’a été gardé.",
        "ar": "لم يُحفظ أي رقم لـ«{given}».",
        "en": "No figure of “{given}” was kept.",
    },
    way_out={
        "fr": "Laissez le mois vide pour contester le chiffre d’aujourd’hui.",
        "ar": "اتركوا الشهر فارغًا للطعن في رقم اليوم.",
        "en": "Leave the month empty to dispute today’s figure.",
    },
)

UNCHANGED_DELETED = Error(
    code="unchanged_deleted",
    status=409,
    field="id",
    sentence={
        "fr": "Ce jeu de données est supprimé : il n’y a rien à confirmer.",
        "ar": "حُذفت مجموعة البيانات هذه: لا شيء يستدعي التأكيد.",
        "en": "This dataset is deleted: there is nothing to confirm.",
    },
    way_out={
        "fr": "Confirmez celui qui le remplace, ou demandez à l’ADD de le rétablir.",
        "ar": "أكدوا المجموعة التي حلت محلها، أو اطلبوا من وكالة التنمية الرقمية "
        "استرجاعها.",
        "en": "Confirm the one that replaces it, or ask ADD to bring it back.",
    },
)

UNCHANGED_NOT_PUBLIC = Error(
    code="unchanged_not_public",
    status=409,
    field="id",
    sentence={
        "fr": "Ce jeu de données n’est pas public : ses mises à jour ne sont pas "
        "encore attendues.",
        "ar": "مجموعة البيانات هذه غير منشورة للعموم: لا تُنتظر تحييناتها بعد.",
        "en": "This dataset is not public: nobody awaits its updates yet.",
    },
    way_out={
        "fr": "Publiez-le d’abord, par l’onglet « Publication » de sa page.",
        "ar": "انشروها أولًا من تبويب «النشر» في صفحتها.",
        "en": "Publish it first, by the tab “Publication” of its page.",
    },
)

UNCHANGED_NO_PROMISE = Error(
    code="unchanged_no_promise",
    status=409,
    field="id",
    sentence={
        "fr": "La fréquence de ce jeu de données ne promet rien de mesurable : il "
        "n’y a rien à confirmer.",
        "ar": "وتيرة مجموعة البيانات هذه لا تعد بشيء قابل للقياس: لا شيء يستدعي "
        "التأكيد.",
        "en": "The frequency of this dataset promises nothing measurable: there is "
        "nothing to confirm.",
    },
    way_out={
        "fr": "Si ses données viennent régulièrement, choisissez leur fréquence par "
        "« Éditer ».",
        "ar": "إذا كانت معطياتها ترد بانتظام فاختاروا وتيرتها عبر «إدارة».",
        "en": "If its data come regularly, choose their frequency by “Manage”.",
    },
)

UNCHANGED_NO_CONTENT = Error(
    code="unchanged_no_content",
    status=409,
    field="id",
    sentence={
        "fr": "Le portail ne garde aucun fichier de ce jeu de données et ne peut "
        "donc pas en suivre le contenu.",
        "ar": "لا تحتفظ البوابة بأي ملف لمجموعة البيانات هذه، فلا يمكنها تتبع محتواها.",
        "en": "The portal keeps no file of this dataset, so it cannot follow what "
        "they contain.",
    },
    way_out={
        "fr": "Déposez-y le fichier de données ; les périodes sans nouveauté "
        "pourront ensuite être confirmées.",
        "ar": "أودعوا فيها ملف البيانات، ويمكن بعد ذلك تأكيد الفترات التي لا جديد "
        "فيها.",
        "en": "Deposit the data file; periods without anything new can then be "
        "confirmed.",
    },
)

UNCHANGED_NOT_DUE = Error(
    code="unchanged_not_due",
    status=409,
    field="id",
    sentence={
        "fr": "La période promise court encore, jusqu’au {day} : nul ne sait ce "
        "qu’elle apportera.",
        "ar": "الفترة الموعودة لم تنته بعد، فهي تمتد إلى غاية {day}: لا أحد يعلم ما "
        "ستأتي به.",
        "en": "The promised period still runs, until {day}: nobody knows what it "
        "will bring.",
    },
    way_out={
        "fr": "Déposez le fichier dès qu’il est prêt ; s’il n’y a rien de nouveau, "
        "confirmez-le à partir de ce jour.",
        "ar": "أودعوا الملف حالما يكون جاهزًا؛ وإن لم يكن هناك جديد فأكدوا ذلك "
        "ابتداءً من ذلك اليوم.",
        "en": "Deposit the file as soon as it is ready; if there is nothing new, "
        "confirm it from that day on.",
    },
)

UNCHANGED_TWICE = Error(
    code="unchanged_twice",
    status=409,
    field="id",
    sentence={
        "fr": "« Rien de nouveau » a été confirmé deux fois de suite, la dernière "
        "le {day} : une troisième ne compterait pas.",
        "ar": "تم تأكيد «لا جديد خلال هذه الفترة» مرتين متتاليتين، آخرهما في {day}: "
        "ولا يُعتد بتأكيد ثالث.",
        "en": "“Nothing new” was confirmed twice in a row, the last time on {day}: "
        "a third time would not count.",
    },
    way_out={
        "fr": "Déposez le nouveau fichier, ou choisissez par « Éditer » la "
        "fréquence que vous tiendrez.",
        "ar": "أودعوا الملف الجديد، أو اختاروا عبر «إدارة» الوتيرة التي ستحترمونها.",
        "en": "Deposit the new file, or choose by “Manage” the frequency that you will "
        "keep.",
    },
)

ERRORS = (
    NO_PERIOD,
    UNKNOWN_INDICATOR,
    UNKNOWN_INSTITUTION,
    UNKNOWN_DATASET,
    NOT_ENTERED,
    WRONG_LETTER,
    WRONG_NUMBERS,
    IN_THE_FUTURE,
    ROSTER_UNREADABLE,
    ROSTER_EMPTY,
    ROSTER_COLUMNS,
    ROSTER_KIND,
    UNKNOWN_DISPUTE,
    ALREADY_DISPUTED,
    ALREADY_ANSWERED,
    NOTHING_TO_DISPUTE,
    UNCHANGED_DELETED,
    UNCHANGED_NOT_PUBLIC,
    UNCHANGED_NO_PROMISE,
    UNCHANGED_NO_CONTENT,
    UNCHANGED_NOT_DUE,
    UNCHANGED_TWICE,
)


def sentence(error: Error, given: str, lang: str, **more: object) -> str:
    """Return the sentence and its way out, what was given shortened to 100 letters.

    A day is written as the language writes it.
    """
    short = given if len(given) <= 100 else given[:99] + "…"
    said = f"{error.sentence[lang]} {error.way_out[lang]}"
    told = {
        name: wording.day(each, lang) if isinstance(each, dt.date) else each
        for name, each in more.items()
    }
    return said.format(given=short, **told)


def _lang() -> str:
    lang = str(tk.h.lang() or "fr") if tk.request else "fr"
    return lang if lang in LANGS else "fr"


class Refused(tk.ValidationError):
    """What was sent cannot be taken in, for that reason."""

    def __init__(self, error: Error, given: str = "", **more: object) -> None:
        self.error = error
        self.sentence = sentence(error, given, _lang(), **more)
        super().__init__({error.field: [self.sentence], "code": [error.code]})


def refuse(error: Error, given: str) -> tk.Invalid:
    """Return what a validator raises, in the reader's language."""
    return tk.Invalid(sentence(error, given, _lang()))


class Unknown(tk.ObjectNotFound):
    """What was asked for does not exist."""

    def __init__(self, error: Error, given: str) -> None:
        self.error = error
        told = sentence(error, given, _lang())
        super().__init__(f"{error.code}: {told}")
        self.sentence = told
