"""What the gate and the workflow refuse, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.maroc_schema import languages

DELETED = "deleted"
"""The reason on the row of what is closed because it was deleted."""

PURGED = "purged"
"""The same, of what was purged."""

BY_SQLSTATE = {"MA001": "needs_review", "MA002": "decision_kept", "MA003": "id_chosen"}
"""What the locks of the database mean (sql/lock.sql)."""


def say(code: str, lang: str | None = None, **figures: object) -> str:
    """Return a sentence in a language, the reader's unless told.

    >>> say("id_chosen", "en")
    'The portal chooses ids. Send none, or that of a file that is already there.'
    """
    return SENTENCES[code][lang or languages.of_reader()].format_map(figures)


SENTENCES: Mapping[str, Mapping[str, str]] = {
    "needs_review": {
        "fr": "Ce changement d'un jeu de données public demande une décision : "
        "modifiez le jeu de données lui-même, une révision s'ouvrira.",
        "ar": "يتطلب هذا التغيير في مجموعة بيانات عمومية قرارا: عدّل مجموعة البيانات "
        "نفسها، وستُفتح نسخة للمراجعة.",
        "en": "This change of a public dataset needs a decision: edit the dataset "
        "itself, and a revision will open.",
    },
    "decision_kept": {
        "fr": "Une décision ne se change ni ne s'efface : prenez-en une autre.",
        "ar": "لا يمكن تغيير قرار ولا محوه: اتخذ قرارا آخر.",
        "en": "A decision is neither changed nor erased: take another one.",
    },
    "id_chosen": {
        "fr": "Le portail choisit les identifiants. N'en envoyez pas, ou celui d'un "
        "fichier qui est déjà là.",
        "ar": "البوابة هي التي تختار المعرّفات. لا ترسل أي معرّف، أو أرسل معرّف ملف "
        "موجود في هذه المجموعة.",
        "en": "The portal chooses ids. Send none, or that of a file that is already "
        "there.",
    },
    "name_gone": {
        "fr": "Cette adresse a été celle d'un autre jeu de données public : "
        "choisissez-en une autre.",
        "ar": "كان هذا العنوان لمجموعة بيانات عمومية أخرى: اختر عنوانا آخر.",
        "en": "This was the address of another public dataset: choose another.",
    },
    "withdraw_instead": {
        "fr": "Ce jeu de données est public. Pour le fermer, retirez-le "
        "(maroc_workflow_withdraw) en disant pourquoi.",
        "ar": "مجموعة البيانات هذه عمومية. لإغلاقها، اسحبها (maroc_workflow_withdraw) "
        "مع ذكر السبب.",
        "en": "This dataset is public. To close it, withdraw it "
        "(maroc_workflow_withdraw) and say why.",
    },
    "owner_kept": {
        "fr": "Un jeu de données public ne change pas d'institution par une "
        "modification : demandez-le à l'ADD.",
        "ar": "لا تُنقل مجموعة بيانات عمومية إلى مؤسسة أخرى عبر التعديل: اطلب ذلك من "
        "وكالة التنمية الرقمية (ADD).",
        "en": "A public dataset does not change its institution by an edit: ask ADD.",
    },
    "revision_opened": {
        "fr": "Une révision de ce jeu de données est ouverte : faites-y vos "
        "changements, ou abandonnez-la. {link}",
        "ar": "توجد نسخة مفتوحة للمراجعة من مجموعة البيانات هذه: أدخل تغييراتك فيها، "
        "أو تخلَّ عنها. {link}",
        "en": "A revision of this dataset is open: make your changes there, or discard "
        "it. {link}",
    },
    "kept_as_revision": {
        "fr": "Ce changement attend une décision : il est gardé dans une révision, et "
        "le jeu de données public n'a pas changé. {link}",
        "ar": "ينتظر هذا التغيير قرارا: حُفظ في نسخة للمراجعة، ولم تتغير مجموعة "
        "البيانات العمومية. {link}",
        "en": "This change waits for a decision: it is kept in a revision, and the "
        "public dataset has not changed. {link}",
    },
    "base_moved": {
        "fr": "Le jeu de données public a changé depuis que cette révision a été "
        "ouverte. Les deux sont gardés : reprenez la révision, puis soumettez-la.",
        "ar": "تغيرت مجموعة البيانات العمومية منذ فتح هذه النسخة. حُفظت الاثنتان: "
        "حيّن النسخة ثم قدّمها من جديد.",
        "en": "The public dataset has changed since this revision was opened. Both are "
        "kept: bring the revision up to date, then submit it.",
    },
    "content_moved": {
        "fr": "Le contenu a changé depuis que vous l'avez lu : relisez-le, puis "
        "décidez.",
        "ar": "تغير المحتوى منذ أن قرأته: أعد قراءته ثم قرّر.",
        "en": "The content has changed since you read it: read it again, then decide.",
    },
    "wrong_state": {
        "fr": "Impossible dans l'état où se trouve ce jeu de données : {state}.",
        "ar": "لا يمكن ذلك في الحالة الراهنة لمجموعة البيانات: {state}.",
        "en": "This cannot be done in the dataset's present state: {state}.",
    },
    "not_yours": {
        "fr": "Quelqu'un d'autre doit décider : un ROD de l'institution qui n'a rien "
        "écrit de ce contenu, ou qui le remplace.",
        "ar": "يجب أن يقرر شخص آخر: مسؤول بيانات مفتوحة بالمؤسسة لم يكتب شيئا من هذا "
        "المحتوى، أو من ينوب عنه.",
        "en": "Somebody else must decide: a ROD of the institution who wrote none of "
        "this content, or who stands in.",
    },
    "unchecked": {
        "fr": "Un contrôle des fichiers est encore en cours : la suite viendra "
        "d'elle-même.",
        "ar": "لا يزال فحص الملفات جاريا: ستتم البقية تلقائيا.",
        "en": "A check of the files is still running: the rest will follow by itself.",
    },
    "alert_stands": {
        "fr": "Une alerte demande l'examen d'une autre personne : soumettez, puis un "
        "ROD décidera.",
        "ar": "يوجد تنبيه يتطلب دراسة شخص آخر: قدّم الطلب ثم يقرر مسؤول البيانات "
        "المفتوحة.",
        "en": "An alert asks for another person's examination: submit, then a ROD "
        "decides.",
    },
    "reason_missing": {
        "fr": "Dites pourquoi : quelques mots suffisent.",
        "ar": "اذكر السبب: بضع كلمات تكفي.",
        "en": "Say why: a few words are enough.",
    },
    "past_date": {
        "fr": "Choisissez un moment à venir (heure de Casablanca).",
        "ar": "اختر وقتا قادما (بتوقيت الدار البيضاء).",
        "en": "Choose a moment to come (Casablanca time).",
    },
    "not_date": {
        "fr": "« {value} » n'est pas une date : écrivez 2026-12-01 ou "
        "2026-12-01T09:00.",
        "ar": "«{value}» ليس تاريخا: اكتب 2026-12-01 أو 2026-12-01T09:00.",
        "en": "“{value}” is no date: write 2026-12-01 or 2026-12-01T09:00.",
    },
    "inverted_dates": {
        "fr": "La fin vient avant le début.",
        "ar": "تاريخ النهاية قبل تاريخ البداية.",
        "en": "The end comes before the beginning.",
    },
    "not_sure": {
        "fr": "Cela ne s'annule pas : cochez la case pour confirmer.",
        "ar": "لا يمكن التراجع عن ذلك: أشّر على الخانة للتأكيد.",
        "en": "This cannot be undone: tick the box to confirm.",
    },
    "not_revision": {
        "fr": "Ce n'est pas une révision : il n'y a rien à abandonner.",
        "ar": "هذه ليست نسخة للمراجعة: لا يوجد ما يُتخلى عنه.",
        "en": "This is no revision: there is nothing to discard.",
    },
    "unknown_person": {
        "fr": "Aucun compte de ce nom.",
        "ar": "لا يوجد حساب بهذا الاسم.",
        "en": "There is no account of that name.",
    },
    "unknown_file": {
        "fr": "Ce fichier n'existe pas.",
        "ar": "لا يوجد ملف بهذا المعرّف.",
        "en": "There is no such file.",
    },
    "no_feed": {
        "fr": "Aucune décision permanente ne porte sur ce fichier.",
        "ar": "لا يوجد قرار دائم بشأن هذا الملف.",
        "en": "No standing decision is on this file.",
    },
    "feed_closed": {
        "fr": "Le jeu de données n'est pas public : publiez-le d'abord.",
        "ar": "مجموعة البيانات ليست عمومية: انشرها أولا.",
        "en": "The dataset is not public: publish it first.",
    },
    "feed_stopped": {
        "fr": "Les réponses juridiques ne permettent plus la publication : corrigez le "
        "jeu de données.",
        "ar": "لم تعد الأجوبة القانونية تسمح بالنشر: صحّح مجموعة البيانات.",
        "en": "The legal answers no longer allow publication: correct the dataset.",
    },
    "feed_link": {
        "fr": "C'est un lien : l'adresse est décidée avec le jeu de données, et les "
        "données sont tenues ailleurs. Déposez un fichier CSV pour y ajouter des "
        "lignes.",
        "ar": "هذا رابط: يُقرَّر عنوانه مع مجموعة البيانات، والبيانات محفوظة في مكان "
        "آخر. أودع ملف CSV لتضيف إليه سطورا.",
        "en": "This is a link: its address is decided with the dataset, and the data "
        "are held elsewhere. Upload a CSV file to add rows to it.",
    },
    "feed_not_loaded": {
        "fr": "Le portail n'a pas (encore) lu ce fichier comme une table CSV. "
        "Réessayez dans une minute, ou déposez un fichier CSV.",
        "ar": "لم تقرأ البوابة هذا الملف (بعد) كجدول CSV. أعد المحاولة بعد دقيقة، أو "
        "أودع ملف CSV.",
        "en": "The portal has not read this file as a CSV table (yet). Try again in a "
        "minute, or upload a CSV file.",
    },
    "feed_not_yours": {
        "fr": "Un ROD de l'institution décide, ou qui le remplace ; jamais le compte "
        "qui ajoutera les lignes.",
        "ar": "يقرر مسؤول البيانات المفتوحة بالمؤسسة، أو من ينوب عنه؛ ولا يقرر أبدا "
        "الحساب الذي سيضيف السطور.",
        "en": "A ROD of the institution decides, or who stands in; never the account "
        "that will add the rows.",
    },
    "feed_until": {
        "fr": "Choisissez un dernier jour, d'aujourd'hui à un an.",
        "ar": "اختر آخر يوم، من اليوم إلى سنة.",
        "en": "Choose a last day, from today to a year.",
    },
    "feed_many": {
        "fr": "Au plus {most} lignes par envoi : envoyez-les en plusieurs fois.",
        "ar": "{most} سطر على الأكثر في كل إرسال: أرسلها على دفعات.",
        "en": "At most {most} rows at a time: send them in several pushes.",
    },
    "feed_empty": {
        "fr": "Envoyez au moins une ligne, dans une liste.",
        "ar": "أرسل سطرا واحدا على الأقل، في قائمة.",
        "en": "Send one row at least, in a list.",
    },
    "feed_not_account": {
        "fr": "Aucune décision permanente ne permet à votre compte d'ajouter des "
        "lignes à ce fichier : demandez-la à un ROD.",
        "ar": "لا يوجد قرار دائم يسمح لحسابك بإضافة سطور إلى هذا الملف: اطلبه من "
        "مسؤول البيانات المفتوحة.",
        "en": "No standing decision lets your account add rows to this file: ask a ROD "
        "for one.",
    },
    "feed_ended": {
        "fr": "La décision permanente a pris fin : demandez-en une autre à un ROD.",
        "ar": "انتهى القرار الدائم: اطلب قرارا آخر من مسؤول البيانات المفتوحة.",
        "en": "The standing decision has ended: ask a ROD for another.",
    },
    "feed_legal_changed": {
        "fr": "Les réponses juridiques ont changé depuis la décision permanente : un "
        "ROD doit en prendre une autre.",
        "ar": "تغيرت الأجوبة القانونية منذ القرار الدائم: يجب أن يتخذ مسؤول البيانات "
        "المفتوحة قرارا آخر.",
        "en": "The legal answers have changed since the standing decision: a ROD must "
        "take another.",
    },
    "feed_alert": {
        "fr": "Un contrôle signale le fichier depuis la décision permanente : un ROD "
        "doit l'examiner et en prendre une autre.",
        "ar": "نبّه فحص إلى هذا الملف منذ القرار الدائم: يجب أن يدرسه مسؤول البيانات "
        "المفتوحة ويتخذ قرارا آخر.",
        "en": "A check has flagged the file since the standing decision: a ROD must "
        "examine it and take another.",
    },
    "feed_columns_changed": {
        "fr": "Les colonnes du fichier ne sont plus celles de la décision permanente : "
        "un ROD doit en prendre une autre.",
        "ar": "لم تعد أعمدة الملف هي أعمدة القرار الدائم: يجب أن يتخذ مسؤول البيانات "
        "المفتوحة قرارا آخر.",
        "en": "The file's columns are no longer those of the standing decision: a ROD "
        "must take another.",
    },
    "bare_table": {
        "fr": "Un tableau a été écrit par l'API du DataStore, sans fichier : rien ne "
        "l'a contrôlé. Déposez ses lignes dans un fichier CSV, ou supprimez-le "
        "(datastore_delete).",
        "ar": "كُتب جدول عبر واجهة DataStore دون ملف: لم يفحصه شيء. أودع سطوره في "
        "ملف CSV، أو احذفه (datastore_delete).",
        "en": "A table was written by the DataStore's API, without a file: nothing has "
        "checked it. Upload its rows as a CSV file, or delete it "
        "(datastore_delete).",
    },
    "closed_bytes": {
        "fr": "Ces octets ont été fermés comme version de ce fichier : une autre "
        "personne doit décider s'ils reviennent.",
        "ar": "أُغلق هذا المحتوى كنسخة من هذا الملف: يجب أن يقرر شخص آخر هل يعود.",
        "en": "These bytes were closed as a version of this file: somebody else must "
        "decide whether they come back.",
    },
    "unknown_version": {
        "fr": "Ce fichier n'a pas de version de cette empreinte.",
        "ar": "لا توجد لهذا الملف نسخة بهذه البصمة.",
        "en": "This file has no version of that fingerprint.",
    },
    "version_served": {
        "fr": "Ces octets sont ceux d'un fichier que le jeu de données publie "
        "aujourd'hui : remplacez d'abord le fichier, ou retirez le jeu de données.",
        "ar": "هذا المحتوى هو محتوى ملف تنشره مجموعة البيانات حاليا: استبدل الملف "
        "أولا، أو اسحب مجموعة البيانات.",
        "en": "These bytes are those of a file that the dataset publishes now: replace "
        "the file first, or withdraw the dataset.",
    },
    "unknown_dataset": {
        "fr": "Ce jeu de données n'existe pas.",
        "ar": "لا توجد مجموعة بيانات بهذا الاسم.",
        "en": "There is no such dataset.",
    },
}
"""Every sentence, by its code and language."""
