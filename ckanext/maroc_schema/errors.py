"""What a form or the API answers when it cannot take an answer.

An error is data: a code, an HTTP status, and in three languages the sentence that
names the field and the way out. The form and the API say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One reason for not taking an answer."""

    code: str
    sentence: Mapping[str, str]
    """By language; ``{field}`` is the field's label, other names are figures."""
    way_out: Mapping[str, str]
    status: int = 409


def say(code: str, lang: str, **figures: object) -> str:
    """Return the sentence and the way out in ``lang``, French when it has none.

    >>> say("choice_required", "en", field="Licence")
    'The question “Licence” has no answer. Choose one of the answers offered.'
    """
    refusal = REFUSALS[code]
    sentence = refusal.sentence.get(lang, refusal.sentence["fr"])
    way_out = refusal.way_out.get(lang, refusal.way_out["fr"])
    return f"{sentence} {way_out}".format_map(figures)


LANGUAGE_NAMES: Mapping[str, Mapping[str, str]] = {
    "fr": {"fr": "français", "ar": "الفرنسية", "en": "French"},
    "ar": {"fr": "arabe", "ar": "العربية", "en": "Arabic"},
    "en": {"fr": "anglais", "ar": "الإنجليزية", "en": "English"},
}
"""The names of a text's languages, by language and then by the reader's."""


def _refusal(
    code: str, fr: tuple[str, str], ar: tuple[str, str], en: tuple[str, str]
) -> Refusal:
    return Refusal(
        code=code,
        sentence={"fr": fr[0], "ar": ar[0], "en": en[0]},
        way_out={"fr": fr[1], "ar": ar[1], "en": en[1]},
    )


_TABLE = (
    _refusal(
        "text_required",
        (
            "Le champ « {field} » est vide.",
            "Écrivez-le en français ou en arabe, si possible dans les deux langues.",
        ),
        (
            "خانة «{field}» فارغة.",
            "املأها بالعربية أو بالفرنسية، وباللغتين معا إن أمكن.",
        ),
        (
            "The field “{field}” is empty.",
            "Write it in French or in Arabic, in both if you can.",
        ),
    ),
    _refusal(
        "choice_required",
        (
            "La question « {field} » n'a pas de réponse.",
            "Choisissez une des réponses proposées.",
        ),
        ("لم تتم الإجابة عن «{field}».", "اختر أحد الأجوبة المقترحة."),
        (
            "The question “{field}” has no answer.",
            "Choose one of the answers offered.",
        ),
    ),
    _refusal(
        "not_text",
        (
            "« {field} » n'est pas un texte.",
            "Envoyez des mots, et non une liste ou un nombre.",
        ),
        ("محتوى «{field}» ليس نصا.", "أرسل كلمات، لا لائحة ولا عددا."),
        (
            "“{field}” is not a text.",
            "Send words, not a list or a number.",
        ),
    ),
    _refusal(
        "not_list",
        (
            "« {field} » n'est pas une liste de codes.",
            'Envoyez une liste de textes, par exemple ["MA"].',
        ),
        (
            "محتوى «{field}» ليس لائحة رموز.",
            'أرسل لائحة نصوص، مثلا ["MA"].',
        ),
        (
            "“{field}” is not a list of codes.",
            'Send a list of texts, for instance ["MA"].',
        ),
    ),
    _refusal(
        "not_dicts",
        (
            "« {field} » n'est pas une liste d'objets.",
            "Envoyez une liste, par exemple {example}.",
        ),
        (
            "محتوى «{field}» ليس لائحة عناصر.",
            "أرسل لائحة، مثلا {example}.",
        ),
        (
            "“{field}” is not a list of objects.",
            "Send a list, for instance {example}.",
        ),
    ),
    _refusal(
        "bad_dictionary",
        (
            "« {field} » n'est pas une liste de colonnes avec leur sens.",
            "Envoyez une liste, par exemple {example}.",
        ),
        (
            "محتوى «{field}» ليس لائحة أعمدة مع معانيها.",
            "أرسل لائحة، مثلا {example}.",
        ),
        (
            "“{field}” is not a list of columns and what they mean.",
            "Send a list, for instance {example}.",
        ),
    ),
    _refusal(
        "unknown_type",
        ("« {field} » : le portail n'a que le type « {value} ».", "Envoyez celui-là."),
        ("«{field}»: لا تعرف البوابة إلا النوع «{value}».", "أرسل هذا النوع."),
        ("“{field}”: the portal has the type “{value}” alone.", "Send that one."),
    ),
    _refusal(
        "no_file_yet",
        (
            "Tant qu'il n'est pas dit si ces données sont classifiées, le portail n'en "
            "prend aucun fichier (loi 05-20, art. 5).",
            "Demandez au RSSI de votre organisme, répondez à la question, puis "
            "ajoutez le fichier.",
        ),
        (
            "ما دام تصنيف هذه المعطيات غير معروف، لا تستقبل البوابة أي ملف منها "
            "(القانون رقم 05.20، المادة 5).",
            "اسأل مسؤول أمن نظم المعلومات (RSSI) بهيئتك، وأجب عن السؤال، ثم أضف الملف.",
        ),
        (
            "As long as it is not said whether these data are classified, the portal "
            "takes no file of them (law 05-20, art. 5).",
            "Ask your body's RSSI, answer the question, then add the file.",
        ),
    ),
    _refusal(
        "unknown_language",
        (
            "« {field} » : la langue « {value} » n'est pas prévue.",
            "Les langues prévues sont fr, ar et en.",
        ),
        (
            "«{field}»: اللغة «{value}» غير مدعومة.",
            "اللغات المدعومة هي fr وar وen.",
        ),
        (
            "“{field}”: the language “{value}” is not one of the portal's.",
            "The languages are fr, ar and en.",
        ),
    ),
    _refusal(
        "unprintable",
        (
            "« {field} » contient un caractère invisible qui ne peut être gardé "
            "({value}).",
            "Effacez-le, ou retapez ce passage.",
        ),
        (
            "يتضمن «{field}» رمزا غير مرئي لا يمكن حفظه ({value}).",
            "احذفه أو أعد كتابة هذا المقطع.",
        ),
        (
            "“{field}” holds an invisible character that cannot be kept ({value}).",
            "Delete it, or type that passage again.",
        ),
    ),
    _refusal(
        "forced_direction",
        (
            "« {field} » contient un caractère qui force le sens de lecture ({value}) "
            "et peut montrer un autre texte que celui qui est écrit.",
            "Effacez-le : le sens suit la langue du champ.",
        ),
        (
            "يتضمن «{field}» رمزا يفرض اتجاه القراءة ({value}) وقد يُظهر نصا غير "
            "المكتوب.",
            "احذفه، فالاتجاه يتبع لغة الخانة.",
        ),
        (
            "“{field}” holds a character that forces the reading direction ({value}) "
            "and may show another text than the one written.",
            "Delete it: the direction follows the field's language.",
        ),
    ),
    _refusal(
        "too_long",
        (
            "« {field} » compte {length} caractères ; la limite est de {limit}.",
            "Raccourcissez le texte ; les détails vont dans un document joint.",
        ),
        (
            "«{field}»: عدد الحروف {length}؛ والحد الأقصى {limit}.",
            "اختصر النص، وضع التفاصيل في وثيقة مرفقة.",
        ),
        (
            "“{field}” is {length} characters long; the limit is {limit}.",
            "Shorten it; details go into a document beside the data.",
        ),
    ),
    _refusal(
        "markup",
        ("« {field} » contient des balises HTML.", "Écrivez le texte seul."),
        ("يتضمن «{field}» وسوم HTML.", "اكتب النص وحده."),
        ("“{field}” holds HTML tags.", "Write the words alone."),
    ),
    _refusal(
        "says_nothing",
        (
            "« {field} » ne contient ni lettre ni chiffre.",
            "Écrivez-le en toutes lettres.",
        ),
        ("لا يتضمن «{field}» أي حرف أو رقم.", "اكتبه بالحروف."),
        (
            "“{field}” holds no letter and no figure.",
            "Write it in words.",
        ),
    ),
    _refusal(
        "wrong_script",
        (
            "« {field} » n'a aucune lettre de l'écriture attendue.",
            "Écrivez ce texte dans le champ de sa propre langue.",
        ),
        (
            "لا يتضمن «{field}» أي حرف من الكتابة المنتظرة.",
            "اكتب هذا النص في خانة لغته.",
        ),
        (
            "“{field}” has no letter of the script expected there.",
            "Write this text in the field of its own language.",
        ),
    ),
    _refusal(
        "unknown_choice",
        (
            "« {field} » : « {value} » n'est pas une des réponses prévues.",
            "Choisissez dans la liste ; pour l'API, elle est donnée par "
            "maroc_vocabulary_show (id : {vocabulary}).",
        ),
        (
            "«{field}»: «{value}» ليس من الأجوبة المقترحة.",
            "اختر من اللائحة؛ وتجدها في الواجهة البرمجية عبر "
            "maroc_vocabulary_show (id: {vocabulary}).",
        ),
        (
            "“{field}”: “{value}” is not one of the answers offered.",
            "Choose from the list; the API gives it by maroc_vocabulary_show "
            "(id: {vocabulary}).",
        ),
    ),
    _refusal(
        "too_many",
        (
            "« {field} » : {length} réponses ; la limite est de {limit}.",
            "Choisissez-en moins ; pour un territoire, les provinces ou les régions.",
        ),
        (
            "«{field}»: عدد الأجوبة {length}؛ والحد الأقصى {limit}.",
            "اختر عددا أقل؛ وللمجال الترابي، الأقاليم أو الجهات.",
        ),
        (
            "“{field}”: {length} answers; the limit is {limit}.",
            "Choose fewer; for a territory, the provinces or the regions.",
        ),
    ),
    _refusal(
        "date_required",
        ("La date « {field} » manque.", "Choisissez un jour, par exemple 2026-01-31."),
        ("تاريخ «{field}» ناقص.", "اختر يوما، مثلا 31/01/2026."),
        ("The date “{field}” is missing.", "Choose a day, for instance 2026-01-31."),
    ),
    _refusal(
        "not_date",
        (
            "« {field} » : « {value} » n'est pas une date.",
            "Écrivez l'année, le mois et le jour, par exemple 2026-01-31.",
        ),
        (
            "«{field}»: «{value}» ليس تاريخا.",
            "اكتب السنة ثم الشهر ثم اليوم، على شكل AAAA-MM-JJ.",
        ),
        (
            "“{field}”: “{value}” is not a date.",
            "Write the year, the month and the day, for instance 2026-01-31.",
        ),
    ),
    _refusal(
        "future_date",
        (
            "« {field} » : le {value} n'est pas encore venu.",
            "Donnez une date passée, ou celle d'aujourd'hui.",
        ),
        ("«{field}»: يوم {value} لم يحل بعد.", "أدخل تاريخا مضى، أو تاريخ اليوم."),
        ("“{field}”: {value} has not come yet.", "Give a past date, or today's."),
    ),
    _refusal(
        "inverted_period",
        (
            "« {field} » : la période finit le {value}, avant son début, le {other}.",
            "Corrigez l'une des deux dates.",
        ),
        (
            "«{field}»: تنتهي الفترة في {value} قبل بدايتها في {other}.",
            "صحح أحد التاريخين.",
        ),
        (
            "“{field}”: the period ends on {value}, before it begins on {other}.",
            "Correct one of the two dates.",
        ),
    ),
    _refusal(
        "outside_period",
        (
            "« {field} » : le {value} est hors de la période du jeu de données, dont "
            "la limite est le {other}.",
            "Corrigez la période du fichier, ou élargissez celle du jeu de données.",
        ),
        (
            "«{field}»: يوم {value} خارج الفترة التي تغطيها مجموعة البيانات، وحدّها "
            "{other}.",
            "صحح فترة الملف، أو وسّع فترة مجموعة البيانات.",
        ),
        (
            "“{field}”: {value} is outside the dataset's period, which stops at "
            "{other}.",
            "Correct the file's period, or widen the dataset's.",
        ),
    ),
    _refusal(
        "not_email",
        (
            "« {field} » : « {value} » n'est pas une adresse électronique.",
            "Écrivez-la sous la forme service@organisme.ma.",
        ),
        (
            "«{field}»: «{value}» ليس عنوان بريد إلكتروني.",
            "اكتبه على شكل service@organisme.ma.",
        ),
        (
            "“{field}”: “{value}” is not an e-mail address.",
            "Write it in the form service@organisme.ma.",
        ),
    ),
    _refusal(
        "unknown_institution",
        (
            "« {field} » : le portail ne connaît pas l'institution « {value} ».",
            "Choisissez-la dans la liste ; si elle n'y est pas, demandez à l'ADD de "
            "la créer.",
        ),
        (
            "«{field}»: لا تعرف البوابة مؤسسة «{value}».",
            "اخترها من اللائحة؛ وإن لم تكن فيها، فاطلب من وكالة التنمية الرقمية "
            "(ADD) إحداثها.",
        ),
        (
            "“{field}”: the portal knows no institution “{value}”.",
            "Choose it from the list; if it is not there, ask ADD to create it.",
        ),
    ),
    _refusal(
        "own_parent",
        (
            "« {field} » : une institution ne peut pas dépendre d'elle-même, ni de "
            "celles qui dépendent d'elle.",
            "Choisissez une autre institution, ou aucune.",
        ),
        (
            "«{field}»: لا يمكن لمؤسسة أن تتبع نفسها، ولا مؤسسة تابعة لها.",
            "اختر مؤسسة أخرى، أو لا تختر أي مؤسسة.",
        ),
        (
            "“{field}”: an institution cannot depend on itself, nor on one that "
            "depends on it.",
            "Choose another institution, or none.",
        ),
    ),
    _refusal(
        "too_many_words",
        (
            "« {field} » compte {length} mots-clés ; la limite est de {limit}.",
            "Gardez ceux que l'on chercherait.",
        ),
        (
            "«{field}»: عدد الكلمات المفتاحية {length}؛ والحد الأقصى {limit}.",
            "احتفظ بالكلمات التي قد يبحث بها الناس.",
        ),
        (
            "“{field}” has {length} keywords; the limit is {limit}.",
            "Keep those that people would look for.",
        ),
    ),
    _refusal(
        "keyword_length",
        (
            "« {field} » : « {value} » ne peut pas être un mot-clé, qui a de deux à "
            "{limit} lettres ou chiffres.",
            "Écrivez un ou quelques mots.",
        ),
        (
            "«{field}»: لا يمكن أن يكون «{value}» كلمة مفتاحية، فطولها بين حرفين "
            "و{limit} من الحروف أو الأرقام.",
            "اكتب كلمة أو بضع كلمات.",
        ),
        (
            "“{field}”: “{value}” cannot be a keyword, which has two to {limit} "
            "letters or figures.",
            "Write one word or a few.",
        ),
    ),
    # The four levels are those of the decree; the RSSI is the person that article 6
    # of the law asks each body to appoint.
    _refusal(
        "classified",
        (
            "Des données « {value} » ne peuvent pas être ouvertes : c'est un des "
            "quatre niveaux de l'article 13 du décret 2-21-406, pris pour "
            "l'application de la loi 05-20. Le portail ne prend ni leur description ni "
            "leurs fichiers.",
            "Voyez avec le responsable de la sécurité des systèmes d'information "
            "(RSSI) de votre organisme s'il faut revoir ce niveau ; ne répondez "
            "« non classifiées » que s'il le confirme.",
        ),
        (
            "لا يمكن فتح معطيات «{value}»: هذا أحد مستويات التصنيف الأربعة الواردة في "
            "المادة 13 من المرسوم رقم 2.21.406 المتخذ لتطبيق القانون رقم 05.20. ولا "
            "تستقبل البوابة وصفها ولا ملفاتها.",
            "راجع مسؤول أمن نظم المعلومات (RSSI) بهيئتك لمعرفة ما إذا كان ينبغي "
            "مراجعة هذا المستوى؛ ولا تجب بـ«غير مصنفة» إلا إذا أكد ذلك.",
        ),
        (
            "“{value}” data cannot be opened: it is one of the four levels of "
            "article 13 of decree 2-21-406, issued to apply law 05-20. The portal "
            "takes neither their description nor their files.",
            "Ask your body's information systems security officer (RSSI) whether the "
            "level should be reviewed; answer “not classified” only if they confirm "
            "it.",
        ),
    ),
    _refusal(
        "file_required",
        (
            "Il n'y a pas encore de données.",
            "Choisissez un fichier, ou donnez l'adresse de celui qui est en ligne.",
        ),
        (
            "لا توجد معطيات بعد.",
            "اختر ملفا، أو أدخل عنوان ملف منشور على الإنترنت.",
        ),
        (
            "There are no data yet.",
            "Choose a file, or give the address of one that is online.",
        ),
    ),
    _refusal(
        "organization_required",
        (
            "Le champ « {field} » est vide.",
            "Choisissez l'institution au nom de laquelle vous publiez ; si aucune ne "
            "vous est proposée, demandez au ROD de la vôtre de vous y inscrire.",
        ),
        (
            "خانة «{field}» فارغة.",
            "اختر المؤسسة التي تنشر باسمها؛ وإن لم تُقترح عليك أي مؤسسة، فاطلب من "
            "مسؤول البيانات المفتوحة (ROD) بمؤسستك أن يسجلك.",
        ),
        (
            "The field “{field}” is empty.",
            "Choose the institution you publish for; if none is offered, ask its ROD "
            "to enrol you.",
        ),
    ),
)

REFUSALS: Mapping[str, Refusal] = {each.code: each for each in _TABLE}
"""Every refusal by its code."""
