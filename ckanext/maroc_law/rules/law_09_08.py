"""Law 09-08: nobody is published without a ground.

Negligence is enough for the penalty of article 61, so that what has no ground is
blocked, not warned about. The law defines no anonymisation: what is claimed is
described, and checked where something that tells people apart stays.
"""

from __future__ import annotations

from ckanext.maroc_law.words import words

from . import grounds
from .rule import Outcome, Rule

RULES = (
    Rule(
        id="personal-data-present",
        article="Loi 31-13, art. 7 ; loi 09-08, art. 4, 12 (1, b) et 61",
        outcome=Outcome.BLOCKED,
        fields=("personal_data",),
        does=words(
            fr="Ferme ce qui identifie des personnes sans fondement légal.",
            ar="تمنع نشر ما يتيح التعرف على أشخاص ذاتيين دون أساس قانوني.",
            en="Closes what identifies people on no ground of law.",
        ),
        sentence=words(
            fr="Des personnes sont identifiables, et ni un texte ni la CNDP ne permet "
            "de les publier. Même par négligence, c'est un délit.",
            ar="يمكن التعرف على أشخاص ذاتيين، ولا يسمح بنشر معطياتهم أي نص قانوني ولا "
            "إذن من اللجنة الوطنية (CNDP). ويعد ذلك جنحة ولو ارتُكب عن إهمال.",
            en="People are identifiable, and neither a text nor the CNDP allows "
            "publishing them. Even by negligence, it is an offence.",
        ),
        way_out=words(
            fr="Retirez ou regroupez ces données (loi 31-13, art. 8), nommez le texte "
            "qui ordonne de les publier, ou demandez l'autorisation de la CNDP.",
            ar="احذف هذه المعطيات أو اعرضها مجمعة (المادة 8 من القانون رقم 31.13)، أو "
            "اذكر النص الذي يأمر بنشرها، أو اطلب إذن اللجنة الوطنية (CNDP).",
            en="Remove or aggregate these data (law 31-13, art. 8), name the text that "
            "orders their publication, or ask the CNDP for an authorisation.",
        ),
        applies=grounds.present,
    ),
    Rule(
        id="public-by-law",
        article="Loi 09-08, art. 18",
        outcome=Outcome.REVIEW,
        fields=("personal_data",),
        does=words(
            fr="Fait examiner le registre qu'un texte destine au public.",
            ar="تحيل على الدراسة كل سجل يخصصه نص قانوني لإخبار العموم.",
            en="Has reviewed the register that a text destines to the public.",
        ),
        sentence=words(
            fr="Un texte ordonnerait de publier ces données personnelles : il faut "
            "vérifier qu'il vise bien ce registre, et ces colonnes.",
            ar="صُرح بأن نصا قانونيا يأمر بنشر هذه المعطيات ذات الطابع الشخصي: ينبغي "
            "التحقق من أنه يخص هذا السجل وهذه الأعمدة.",
            en="A text is said to order the publication of these personal data: "
            "someone must check that it is about this register, and these columns.",
        ),
        way_out=words(
            fr="Ne gardez que les colonnes que le texte demande ; joignez l'article.",
            ar="احتفظ فقط بالأعمدة التي يشترطها النص، وأرفق المادة المعنية.",
            en="Keep only the columns that the text asks for; attach the article.",
        ),
        applies=grounds.public_by_law,
    ),
    Rule(
        id="legal-text-missing",
        article="Loi 09-08, art. 18",
        outcome=Outcome.INCOMPLETE,
        fields=("personal_data", "legal_text"),
        does=words(
            fr="Veut le texte qui ordonne de publier des données personnelles.",
            ar="تشترط ذكر النص الذي يأمر بنشر معطيات ذات طابع شخصي.",
            en="Wants the text that orders personal data to be published.",
        ),
        sentence=words(
            fr="Un texte ordonnerait la publication, mais il n'est pas nommé.",
            ar="صُرح بأن نصا قانونيا يأمر بالنشر، لكنه لم يُذكر.",
            en="A text is said to order the publication, but it is not named.",
        ),
        way_out=words(
            fr="Indiquez la loi ou le règlement, et l'article.",
            ar="اذكر القانون أو النص التنظيمي والمادة.",
            en="Give the law or regulation, and the article.",
        ),
        applies=grounds.text_not_named,
    ),
    Rule(
        id="publication-authorised",
        article="Loi 09-08, art. 12",
        outcome=Outcome.REVIEW,
        fields=("personal_data",),
        does=words(
            fr="Fait examiner ce que la CNDP a autorisé ou reçu.",
            ar="تحيل على الدراسة ما عُرض على اللجنة الوطنية (CNDP).",
            en="Has reviewed what went through the CNDP.",
        ),
        sentence=words(
            fr="Ces données personnelles ont été soumises à la CNDP : il faut vérifier "
            "que son acte couvre la publication.",
            ar="عُرض نشر هذه المعطيات ذات الطابع الشخصي على اللجنة الوطنية (CNDP): "
            "ينبغي التحقق من أن وثيقتها تشمل النشر.",
            en="These personal data went through the CNDP: someone must check that its "
            "act covers their publication.",
        ),
        way_out=words(
            fr="Tenez l'acte de la CNDP à la disposition de qui examine.",
            ar="ضع وثيقة اللجنة الوطنية (CNDP) رهن إشارة من يتولى الدراسة.",
            en="Keep the CNDP's act at hand for the reviewer.",
        ),
        applies=grounds.authorised,
    ),
    Rule(
        id="cndp-reference-missing",
        article="Loi 09-08, art. 19",
        outcome=Outcome.INCOMPLETE,
        fields=("personal_data", "cndp_act", "cndp_number"),
        does=words(
            fr="Veut la nature et le numéro de l'acte de la CNDP.",
            ar="تشترط ذكر نوع وثيقة اللجنة الوطنية (CNDP) ورقمها.",
            en="Wants the kind and the number of the CNDP's act.",
        ),
        sentence=words(
            fr="L'acte de la CNDP est annoncé sans sa nature ou sans son numéro.",
            ar="صُرح بوجود وثيقة للجنة الوطنية (CNDP) دون ذكر نوعها أو رقمها.",
            en="An act of the CNDP is claimed without its kind or its number.",
        ),
        way_out=words(
            fr="Indiquez s'il s'agit d'une autorisation ou d'un récépissé, et son "
            "numéro tel qu'il est écrit.",
            ar="اذكر ما إذا كان الأمر يتعلق بإذن أو بوصل تصريح، ورقمه كما هو مكتوب.",
            en="Say whether it is an authorisation or a receipt, and its number as "
            "written.",
        ),
        applies=grounds.act_not_named,
    ),
    Rule(
        id="declaration-for-new-purpose",
        article="Loi 09-08, art. 12 (1, b)",
        outcome=Outcome.REVIEW,
        fields=("personal_data", "cndp_act"),
        does=words(
            fr="Fait examiner une publication qui ne repose que sur une déclaration.",
            ar="تحيل على الدراسة كل نشر لا يستند إلا إلى تصريح.",
            en="Has reviewed a publication that rests on a declaration only.",
        ),
        sentence=words(
            fr="Publier est une autre finalité que celle de la collecte : il y faut en "
            "principe une autorisation, pas seulement une déclaration.",
            ar="النشر غرض غير الغرض الذي جُمعت من أجله المعطيات: يتطلب مبدئيا إذنا "
            "مسبقا، لا مجرد تصريح.",
            en="Publishing is a purpose other than that of collection: it takes an "
            "authorisation as a rule, not only a declaration.",
        ),
        way_out=words(
            fr="Vérifiez que la déclaration prévoyait la publication ; sinon, demandez "
            "une autorisation à la CNDP.",
            ar="تحقق من أن التصريح كان يشمل النشر؛ وإلا فاطلب إذنا من اللجنة الوطنية "
            "(CNDP).",
            en="Check that the declaration provided for publication; if not, ask the "
            "CNDP for an authorisation.",
        ),
        applies=grounds.only_declared,
    ),
    Rule(
        id="cin-without-authorisation",
        article="Loi 09-08, art. 12 (1, e)",
        outcome=Outcome.BLOCKED,
        fields=("personal_data", "personal_identifiers", "cndp_act"),
        does=words(
            fr="Ferme les numéros de carte nationale sans autorisation préalable.",
            ar="تمنع نشر أرقام البطاقة الوطنية للتعريف دون إذن مسبق.",
            en="Closes national identity card numbers without a prior authorisation.",
        ),
        sentence=words(
            fr="Des numéros de carte nationale (CIN) sont présents : la loi exige une "
            "autorisation préalable de la CNDP, une déclaration ne suffit pas.",
            ar="توجد أرقام البطاقة الوطنية للتعريف: يشترط القانون إذنا مسبقا من اللجنة "
            "الوطنية (CNDP)، ولا يكفي التصريح.",
            en="National identity card numbers (CIN) are present: the law wants the "
            "CNDP's prior authorisation, a declaration is not enough.",
        ),
        way_out=words(
            fr="Supprimez la colonne des CIN, puis mettez la réponse à jour.",
            ar="احذف عمود أرقام البطاقة الوطنية، ثم حيّن الجواب.",
            en="Delete the column of CIN numbers, then update the answer.",
        ),
        applies=grounds.cin_without_authorisation,
    ),
    Rule(
        id="cin-public-by-law",
        article="Loi 09-08, art. 12 (1, e) et 18",
        outcome=Outcome.REVIEW,
        fields=("personal_data", "personal_identifiers"),
        does=words(
            fr="Fait examiner les numéros de carte nationale d'un registre public.",
            ar="تحيل على الدراسة أرقام البطاقة الوطنية الواردة في سجل عمومي.",
            en="Has reviewed the identity card numbers of a public register.",
        ),
        sentence=words(
            fr="Un texte rendrait ce registre public, mais il contient des numéros de "
            "carte nationale (CIN) : ordonne-t-il de les publier, eux aussi ?",
            ar="صُرح بأن نصا قانونيا يجعل هذا السجل عموميا، لكنه يتضمن أرقام البطاقة "
            "الوطنية: هل يأمر النص بنشرها هي أيضا؟",
            en="A text is said to make this register public, but it holds national "
            "identity card numbers (CIN): does it order them to be published too?",
        ),
        way_out=words(
            fr="À moins que le texte ne nomme ces numéros, supprimez-les.",
            ar="احذف هذه الأرقام ما لم يذكرها النص صراحة.",
            en="Unless the text names these numbers, delete them.",
        ),
        applies=grounds.cin_public_by_law,
    ),
    Rule(
        id="sensitive-without-authorisation",
        article="Loi 09-08, art. 12 (1, a, c et d), 21 et 57",
        outcome=Outcome.BLOCKED,
        fields=("personal_data", "sensitive_data", "cndp_act", "legal_text"),
        does=words(
            fr="Ferme les données sensibles que ni un texte ni la CNDP n'autorise.",
            ar="تمنع نشر المعطيات الحساسة التي لا يأذن بها نص قانوني ولا اللجنة "
            "الوطنية (CNDP).",
            en="Closes sensitive data that neither a text nor the CNDP authorises.",
        ),
        sentence=words(
            fr="Des données sensibles sont présentes ({names}), et rien n'établit que "
            "la loi ou la CNDP les autorise.",
            ar="توجد معطيات حساسة ({names})، ولا شيء يثبت أن القانون أو اللجنة الوطنية "
            "(CNDP) يأذن بها.",
            en="Sensitive data are present ({names}), and nothing shows that the law "
            "or the CNDP authorises them.",
        ),
        way_out=words(
            fr="Retirez-les, ou publiez des totaux assez grands pour ne désigner "
            "personne.",
            ar="احذفها، أو انشر مجاميع كبيرة بما يكفي لعدم التعرف على أحد.",
            en="Remove them, or publish totals large enough to point at nobody.",
        ),
        applies=grounds.sensitive_without_authorisation,
    ),
    Rule(
        id="sensitive-public-by-law",
        article="Loi 09-08, art. 21",
        outcome=Outcome.REVIEW,
        fields=("personal_data", "sensitive_data", "legal_text"),
        does=words(
            fr="Fait examiner les données sensibles qu'un texte rend publiques.",
            ar="تحيل على الدراسة المعطيات الحساسة التي يجعلها نص قانوني عمومية.",
            en="Has reviewed the sensitive data that a text makes public.",
        ),
        sentence=words(
            fr="Des données sensibles sont présentes ({names}) : le texte nommé doit "
            "les autoriser expressément.",
            ar="توجد معطيات حساسة ({names}): يجب أن يأذن بها النص المذكور صراحة.",
            en="Sensitive data are present ({names}): the text named must authorise "
            "them expressly.",
        ),
        way_out=words(
            fr="Faites vérifier le texte par la CNDP avant toute publication.",
            ar="اعرض النص على اللجنة الوطنية (CNDP) قبل أي نشر.",
            en="Have the CNDP check the text before any publication.",
        ),
        applies=grounds.sensitive_public_by_law,
    ),
    Rule(
        id="anonymisation-not-described",
        article="Loi 31-13, art. 8 ; loi 09-08, art. 1",
        outcome=Outcome.INCOMPLETE,
        fields=("personal_data", "anonymisation_method"),
        does=words(
            fr="Veut savoir comment les données ont été rendues anonymes.",
            ar="تشترط بيان الطريقة التي أُخفيت بها هوية الأشخاص.",
            en="Wants to know how the data were made anonymous.",
        ),
        sentence=words(
            fr="Les données sont dites anonymes sans que la méthode soit décrite.",
            ar="صُرح بإخفاء هوية الأشخاص دون بيان الطريقة المتبعة.",
            en="The data are said to be anonymous, and the method is not described.",
        ),
        way_out=words(
            fr="Dites ce qui a été retiré, regroupé ou arrondi, et à partir de quel "
            "effectif un nombre est montré.",
            ar="اذكر ما حُذف أو جُمِّع أو قُرِّب، والعدد الأدنى الذي لا يُعرض ما دونه.",
            en="Say what was removed, grouped or rounded, and from which count on a "
            "number is shown.",
        ),
        applies=grounds.method_not_described,
    ),
    Rule(
        id="anonymisation-in-doubt",
        article="Loi 09-08, art. 1",
        outcome=Outcome.REVIEW,
        fields=("personal_data", "personal_identifiers", "sensitive_data"),
        does=words(
            fr="Fait examiner une anonymisation qui laisse de quoi distinguer des gens."
            "",
            ar="تحيل على الدراسة كل إخفاء للهوية يُبقي ما يميز الأشخاص.",
            en="Has reviewed an anonymisation that leaves what tells people apart.",
        ),
        sentence=words(
            fr="Les données sont dites anonymes, mais il y reste des identifiants ou "
            "des données sensibles : quelqu'un pourrait être reconnu.",
            ar="صُرح بإخفاء هوية الأشخاص، لكن بقيت عناصر معرِّفة بالأشخاص أو معطيات "
            "حساسة: قد يُتعرف على شخص ما.",
            en="The data are said to be anonymous, but identifiers or sensitive data "
            "stay: someone might be recognised.",
        ),
        way_out=words(
            fr="Retirez-les, ou faites vérifier que personne n'est identifiable, même "
            "par recoupement.",
            ar="احذفها، أو اطلب التحقق من تعذر التعرف على أي شخص، ولو بالتقاطع "
            "مع معطيات أخرى.",
            en="Remove them, or have someone check that nobody is identifiable, even "
            "by cross-checking.",
        ),
        applies=grounds.anonymisation_in_doubt,
    ),
    Rule(
        id="identifiers-of-nobody",
        article="Loi 09-08, art. 1",
        outcome=Outcome.INCOMPLETE,
        contradiction=True,
        fields=("personal_data", "personal_identifiers"),
        does=words(
            fr="Relève des identifiants de personnes là où il n'y en aurait plus.",
            ar="ترصد العناصر المعرِّفة بالأشخاص حيث صُرح بعدم وجودها.",
            en="Finds identifiers of people where there would be none.",
        ),
        sentence=words(
            fr="Il est répondu que personne n'est identifiable, et pourtant ceci est "
            "déclaré : {names}.",
            ar="صُرح بعدم إمكان التعرف على أي شخص، ومع ذلك ذُكر ما يلي: {names}.",
            en="The answer is that nobody is identifiable, and yet this is declared: "
            "{names}.",
        ),
        way_out=words(
            fr="Retirez ces colonnes, ou changez la réponse sur les données "
            "personnelles.",
            ar="احذف هذه الأعمدة، أو غيّر الجواب بشأن المعطيات ذات الطابع الشخصي.",
            en="Remove these columns, or change the answer on personal data.",
        ),
        applies=grounds.identifiers_of_nobody,
    ),
    Rule(
        id="sensitive-of-nobody",
        article="Loi 09-08, art. 1 (3)",
        outcome=Outcome.INCOMPLETE,
        contradiction=True,
        fields=("personal_data", "sensitive_data"),
        does=words(
            fr="Relève des données sensibles là où il n'y aurait personne.",
            ar="ترصد معطيات حساسة حيث صُرح بعدم وجود أشخاص.",
            en="Finds sensitive data where there would be nobody.",
        ),
        sentence=words(
            fr="Il est répondu que ces données ne portent pas sur des personnes, et "
            "pourtant des données sensibles sont déclarées : {names}.",
            ar="صُرح بأن هذه المعطيات لا تتعلق بأشخاص، ومع ذلك ذُكرت معطيات حساسة: "
            "{names}.",
            en="The answer is that these data are about nobody, and yet sensitive data "
            "are declared: {names}.",
        ),
        way_out=words(
            fr="Retirez ces catégories, ou changez la réponse sur les données "
            "personnelles.",
            ar="احذف هذه الفئات، أو غيّر الجواب بشأن المعطيات ذات الطابع الشخصي.",
            en="Take these categories away, or change the answer on personal data.",
        ),
        applies=grounds.sensitive_of_nobody,
    ),
)
