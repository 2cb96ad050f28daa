"""Law 31-13, articles 7 to 9: what is excepted, what is cut out, what was entrusted.

Breaching article 7 is a breach of professional secrecy (art. 28), when withholding is
only discipline: these rules stop first, and say where to go.
"""

from __future__ import annotations

import datetime as dt

from ckanext.maroc_law.answers import Answers, named
from ckanext.maroc_law.words import words

from .rule import Figures, Outcome, Rule


def _scope(given: Answers) -> str:
    return given.chosen("art7_scope", "exception-scope")


def _exceptions(given: Answers) -> tuple[str, ...]:
    return given.among("art7_exceptions", "art7-exceptions")


def _third_party(given: Answers) -> str:
    return given.chosen("third_party", "third-party")


def _all(given: Answers, _: dt.date) -> bool:
    return _scope(given) == "tout"


def _part(given: Answers, _: dt.date) -> bool:
    return _scope(given) == "partie"


def _unnamed(given: Answers, _: dt.date) -> bool:
    return _scope(given) in {"tout", "partie"} and not _exceptions(given)


def _not_described(given: Answers, _: dt.date) -> bool:
    return _scope(given) == "partie" and not given.text("art7_removed")


def _named_for_nothing(given: Answers, _: dt.date) -> bool | Figures:
    names = _exceptions(given)
    if _scope(given) == "aucune" and names:
        return {"names": named("art7-exceptions", names)}
    return False


def _agreed(given: Answers, _: dt.date) -> bool:
    return _third_party(given) == "oui-accord"


def _agreed_without_reference(given: Answers, _: dt.date) -> bool:
    agreed = _third_party(given) == "oui-accord"
    return agreed and not given.text("third_party_agreement")


def _not_agreed(given: Answers, _: dt.date) -> bool:
    return _third_party(given) == "oui-sans-accord"


RULES = (
    Rule(
        id="exception-covers-all",
        article="Loi 31-13, art. 7",
        outcome=Outcome.BLOCKED,
        fields=("art7_scope",),
        does=words(
            fr="Ferme ce qu'une exception de l'article 7 couvre en entier.",
            ar="تمنع نشر ما يشمله كليا أحد استثناءات المادة 7.",
            en="Closes what an exception of article 7 covers altogether.",
        ),
        sentence=words(
            fr="Toutes ces données sont couvertes par une exception au droit d'accès. "
            "Les publier serait une violation du secret professionnel (art. 28).",
            ar="جميع هذه المعطيات مشمولة باستثناء من الحق في الحصول على المعلومات. "
            "ويشكل نشرها إفشاء للسر المهني (المادة 28).",
            en="All these data are covered by an exception to the right of access. "
            "Publishing them would be a breach of professional secrecy (art. 28).",
        ),
        way_out=words(
            fr="Ne publiez pas. Si une partie seulement est couverte, retirez-la et "
            "changez la réponse (art. 8). Deux exceptions, les enquêtes "
            "administratives et les procédures judiciaires, se lèvent avec la "
            "permission de l'autorité.",
            ar="لا تنشر. إذا كان جزء منها فقط مشمولا، فاحذفه وغيّر الجواب (المادة 8). "
            "ويُرفع استثناءان بإذن من السلطة المعنية: الأبحاث والتحريات الإدارية، "
            "والمساطر القضائية.",
            en="Do not publish. If a part only is covered, remove it and change the "
            "answer (art. 8). Two exceptions, administrative inquiries and judicial "
            "proceedings, lift with the authority's permission.",
        ),
        applies=_all,
    ),
    Rule(
        id="exception-covers-part",
        article="Loi 31-13, art. 7 et 8",
        outcome=Outcome.REVIEW,
        fields=("art7_scope",),
        does=words(
            fr="Fait examiner ce dont une partie a été retirée en vertu de l'article 8."
            "",
            ar="تحيل على الدراسة ما حُذف جزء منه طبقا للمادة 8.",
            en="Has reviewed what a part was removed from under article 8.",
        ),
        sentence=words(
            fr="Une partie des données est couverte par une exception : il faut "
            "vérifier qu'elle a bien été retirée, et elle seule.",
            ar="جزء من المعطيات مشمول باستثناء: ينبغي التحقق من حذفه فعلا دون غيره.",
            en="Part of the data is covered by an exception: someone must check that "
            "it was removed, and it alone.",
        ),
        way_out=words(
            fr="Faites vérifier les fichiers par une autre personne avant publication.",
            ar="اعرض الملفات على شخص آخر للتحقق منها قبل النشر.",
            en="Have someone else check the files before publication.",
        ),
        applies=_part,
    ),
    Rule(
        id="exception-not-named",
        article="Loi 31-13, art. 7",
        outcome=Outcome.INCOMPLETE,
        fields=("art7_scope", "art7_exceptions"),
        does=words(
            fr="Veut le nom de l'exception, quand il est dit qu'une s'applique.",
            ar="تشترط تحديد الاستثناء إذا صُرح بوجود استثناء.",
            en="Wants the exception named, when one is said to apply.",
        ),
        sentence=words(
            fr="Une exception est invoquée sans dire laquelle des quatorze.",
            ar="صُرح بوجود استثناء دون تحديده من بين الاستثناءات الأربعة عشر.",
            en="An exception is claimed without saying which of the fourteen.",
        ),
        way_out=words(
            fr="Choisissez l'exception, ou répondez qu'aucune ne s'applique.",
            ar="اختر الاستثناء، أو أجب بأنه لا ينطبق أي استثناء.",
            en="Choose the exception, or answer that none applies.",
        ),
        applies=_unnamed,
    ),
    Rule(
        id="removed-part-not-described",
        article="Loi 31-13, art. 8",
        outcome=Outcome.INCOMPLETE,
        fields=("art7_scope", "art7_removed"),
        does=words(
            fr="Veut savoir ce qui a été retiré, et comment.",
            ar="تشترط بيان ما حُذف وكيفية حذفه.",
            en="Wants to know what was removed, and how.",
        ),
        sentence=words(
            fr="Une partie des données est couverte, mais ce qui a été retiré n'est "
            "pas décrit.",
            ar="جزء من المعطيات مشمول باستثناء، لكن ما حُذف غير مبين.",
            en="Part of the data is covered, but what was removed is not described.",
        ),
        way_out=words(
            fr="Dites quelles colonnes ou lignes ont été retirées, et comment, sans "
            "révéler leur contenu.",
            ar="اذكر الأعمدة أو الأسطر المحذوفة وطريقة حذفها، دون كشف مضمونها.",
            en="Say which columns or rows were removed, and how, without revealing "
            "what they held.",
        ),
        applies=_not_described,
    ),
    Rule(
        id="exception-named-for-nothing",
        article="Loi 31-13, art. 7",
        outcome=Outcome.INCOMPLETE,
        contradiction=True,
        fields=("art7_scope", "art7_exceptions"),
        does=words(
            fr="Relève des exceptions nommées alors qu'aucune ne s'appliquerait.",
            ar="ترصد استثناءات مذكورة مع التصريح بعدم انطباق أي استثناء.",
            en="Finds exceptions named where none is said to apply.",
        ),
        sentence=words(
            fr="Il est répondu qu'aucune exception ne s'applique, et pourtant des "
            "exceptions sont nommées : {names}.",
            ar="صُرح بعدم انطباق أي استثناء، ومع ذلك ذُكرت استثناءات: {names}.",
            en="The answer is that no exception applies, and yet some are named: "
            "{names}.",
        ),
        way_out=words(
            fr="Retirez ces exceptions, ou changez la réponse.",
            ar="احذف هذه الاستثناءات أو غيّر الجواب.",
            en="Take these exceptions away, or change the answer.",
        ),
        applies=_named_for_nothing,
    ),
    Rule(
        id="third-party-agreed",
        article="Loi 31-13, art. 9",
        outcome=Outcome.REVIEW,
        fields=("third_party",),
        does=words(
            fr="Fait examiner ce qu'un tiers a confié et accepte de voir publié.",
            ar="تحيل على الدراسة ما سلمه الغير ووافق على نشره.",
            en="Has reviewed what a third party entrusted and agrees to see published.",
        ),
        sentence=words(
            fr="Un tiers a confié ces informations et accepte leur publication : son "
            "accord doit être vérifié.",
            ar="سلم الغير هذه المعلومات ووافق على نشرها: ينبغي التحقق من موافقته.",
            en="A third party entrusted this information and agrees to its "
            "publication: the agreement has to be checked.",
        ),
        way_out=words(
            fr="Tenez l'accord écrit du tiers à la disposition de qui examine.",
            ar="ضع الموافقة المكتوبة للغير رهن إشارة من يتولى الدراسة.",
            en="Keep the third party's written agreement at hand for the reviewer.",
        ),
        applies=_agreed,
    ),
    Rule(
        id="third-party-agreement-missing",
        article="Loi 31-13, art. 9",
        outcome=Outcome.INCOMPLETE,
        fields=("third_party", "third_party_agreement"),
        does=words(
            fr="Veut la référence de l'accord du tiers.",
            ar="تشترط ذكر مرجع موافقة الغير.",
            en="Wants the reference of the third party's agreement.",
        ),
        sentence=words(
            fr="L'accord du tiers est annoncé sans référence.",
            ar="صُرح بموافقة الغير دون ذكر مرجعها.",
            en="The third party's agreement is claimed without a reference.",
        ),
        way_out=words(
            fr="Indiquez la date et la référence de l'accord.",
            ar="اذكر تاريخ الموافقة ومرجعها.",
            en="Give the date and the reference of the agreement.",
        ),
        applies=_agreed_without_reference,
    ),
    Rule(
        id="third-party-not-agreed",
        article="Loi 31-13, art. 9",
        outcome=Outcome.REVIEW,
        fields=("third_party",),
        does=words(
            fr="Fait décider l'organisme quand le tiers n'a pas donné son accord.",
            ar="تحيل القرار على الهيئة إذا لم يوافق الغير.",
            en="Has the body decide when the third party has not agreed.",
        ),
        sentence=words(
            fr="Un tiers a confié ces informations et n'a pas donné son accord : c'est "
            "à l'organisme de décider, en le motivant.",
            ar="سلم الغير هذه المعلومات ولم يوافق على نشرها: يعود القرار إلى الهيئة "
            "مع تعليله.",
            en="A third party entrusted this information and has not agreed: the body "
            "decides, and gives its reasons.",
        ),
        way_out=words(
            fr="Demandez son accord au tiers. S'il refuse, la décision de l'organisme "
            "et ses motifs sont consignés lors de l'examen.",
            ar="اطلب موافقة الغير. فإن رفض، دُوِّن قرار الهيئة وأسبابه عند الدراسة.",
            en="Ask the third party to agree. If it refuses, the body's decision and "
            "its reasons are recorded in the review.",
        ),
        applies=_not_agreed,
    ),
)
