"""The four questions of law: each is answered, by « je ne sais pas » if need be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.maroc_law.answers import UNSURE, Answers
from ckanext.maroc_law.words import Words, words

from .rule import Outcome, Rule


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that a publisher may not know the answer to."""

    id: str
    field: str
    vocabulary: str
    article: str
    asks: Words
    """The question, inside a sentence."""
    who: Words
    """Who knows."""

    def answer(self, given: Answers) -> str:
        """Return the slug answered, or nothing."""
        return given.chosen(self.field, self.vocabulary)


QUESTIONS = (
    Question(
        id="classification",
        field="classification",
        vocabulary="classification",
        article="Loi 05-20, art. 5",
        asks=words(
            fr="si ces données sont classifiées",
            ar="ما إذا كانت هذه المعطيات مصنفة",
            en="whether these data are classified",
        ),
        who=words(
            fr="Demandez au responsable de la sécurité des systèmes d'information "
            "(RSSI) de votre organisme, puis répondez.",
            ar="اسأل مسؤول أمن نظم المعلومات (RSSI) بهيئتك، ثم أجب.",
            en="Ask your body's information systems security officer (RSSI), then "
            "answer.",
        ),
    ),
    Question(
        id="exception",
        field="art7_scope",
        vocabulary="exception-scope",
        article="Loi 31-13, art. 7",
        asks=words(
            fr="si une exception de l'article 7 couvre ces données",
            ar="ما إذا كانت هذه المعطيات مشمولة بأحد استثناءات المادة 7",
            en="whether an exception of article 7 covers these data",
        ),
        who=words(
            fr="Demandez à la personne chargée de l'accès à l'information dans votre "
            "organisme, puis répondez.",
            ar="اسأل الشخص المكلف بتلقي طلبات الحصول على المعلومات بهيئتك، ثم أجب.",
            en="Ask the person in charge of access to information in your body, then "
            "answer.",
        ),
    ),
    Question(
        id="third-party",
        field="third_party",
        vocabulary="third-party",
        article="Loi 31-13, art. 9",
        asks=words(
            fr="si un tiers a confié ces informations à titre confidentiel",
            ar="ما إذا كان الغير قد سلم هذه المعلومات على أساس السرية",
            en="whether a third party entrusted this information in confidence",
        ),
        who=words(
            fr="Demandez au service qui a reçu ces informations, puis répondez.",
            ar="اسأل المصلحة التي تلقت هذه المعلومات، ثم أجب.",
            en="Ask the service that received this information, then answer.",
        ),
    ),
    Question(
        id="personal-data",
        field="personal_data",
        vocabulary="personal-data",
        article="Loi 31-13, art. 7 ; loi 09-08, art. 1",
        asks=words(
            fr="si ces données portent sur des personnes physiques",
            ar="ما إذا كانت هذه المعطيات تتعلق بأشخاص ذاتيين",
            en="whether these data are about natural persons",
        ),
        who=words(
            fr="Demandez au responsable du traitement dans votre organisme ou à la "
            "CNDP, puis répondez.",
            ar="اسأل المسؤول عن المعالجة بهيئتك أو اللجنة الوطنية (CNDP)، ثم أجب.",
            en="Ask your body's data controller or the CNDP, then answer.",
        ),
    ),
)


def _rules(question: Question) -> Iterator[Rule]:
    def unanswered(given: Answers, _: dt.date) -> bool:
        return not question.answer(given)

    def unsure(given: Answers, _: dt.date) -> bool:
        return question.answer(given) == UNSURE

    asks = question.asks
    yield Rule(
        id=f"{question.id}-unanswered",
        article=question.article,
        outcome=Outcome.INCOMPLETE,
        fields=(question.field,),
        does=words(
            fr=f"Veut une réponse : {asks['fr']}.",
            ar=f"تشترط جوابا بشأن {asks['ar']}.",
            en=f"Wants an answer: {asks['en']}.",
        ),
        sentence=words(
            fr=f"Il n'est pas dit {asks['fr']}.",
            ar=f"لم يُذكر {asks['ar']}.",
            en=f"It is not said {asks['en']}.",
        ),
        way_out=words(
            fr="Répondez à la question ; « je ne sais pas » est une réponse.",
            ar="أجب عن السؤال؛ «لا أعرف» جواب مقبول.",
            en="Answer the question; “I do not know” is an answer.",
        ),
        applies=unanswered,
    )
    yield Rule(
        id=f"{question.id}-unknown",
        article=question.article,
        outcome=Outcome.REVIEW,
        fields=(question.field,),
        does=words(
            fr=f"Fait examiner le jeu de données quand on ne sait pas {asks['fr']}.",
            ar=f"تحيل مجموعة البيانات على الدراسة إذا لم يُعرف {asks['ar']}.",
            en=f"Has the dataset reviewed when nobody knows {asks['en']}.",
        ),
        sentence=words(
            fr=f"La personne qui a préparé ces données ne sait pas {asks['fr']}.",
            ar=f"من أعد هذه المعطيات لا يعرف {asks['ar']}.",
            en=f"Whoever prepared these data does not know {asks['en']}.",
        ),
        way_out=question.who,
        applies=unsure,
    )


RULES = tuple(rule for question in QUESTIONS for rule in _rules(question))
