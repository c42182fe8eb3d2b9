"""The words by which people opt out and in, by language.

A message counts only when the word is all it says: "stop" opts out, "don't stop" does not. Words
that people also use for other things (no, end, cancel my order) are left out, or stand with the
object that makes them plain.
"""

import re
import unicodedata

from subgraphs.tasks.states import Consent

__all__ = ["KEYWORDS", "consent_from_text"]

#: A longer message says more than a word.
TEXT_CHARACTERS_MAX = 64
#: Follows many emoji, and shows nothing by itself.
EMOJI_STYLE = "\ufe0f"

KEYWORDS: dict[str, dict[Consent, tuple[str, ...]]] = {
    language: {Consent.OPTED_OUT: tuple(out), Consent.OPTED_IN: tuple(into)}
    for language, out, into in (
        ("en", ["stop", "stop all", "unsubscribe", "opt out", "opt-out", "optout"],
         ["start", "subscribe", "opt in", "opt-in", "unstop"]),
        ("de", ["stopp", "abmelden", "abbestellen", "austragen"], ["anmelden", "abonnieren"]),
        ("fr", ["arrêt", "arret", "arrêter", "désabonner", "desabonner", "se désabonner"],
         ["démarrer", "s'abonner", "abonner"]),
        ("es", ["parar", "alto", "baja", "darse de baja", "cancelar suscripción"],
         ["alta", "suscribir", "iniciar"]),
        ("pt", ["pare", "sair", "descadastrar", "cancelar inscrição"], ["inscrever", "iniciar"]),
        ("it", ["ferma", "disiscriviti", "annulla iscrizione"], ["inizia", "iscriviti"]),
        ("nl", ["afmelden", "uitschrijven"], ["aanmelden", "inschrijven"]),
        ("da", ["afmeld"], ["tilmeld"]),
        ("nb", ["avslutt", "avmeld", "meld av"], ["meld på"]),
        ("sv", ["avsluta", "avregistrera", "avanmäl"], ["prenumerera", "anmäl"]),
        ("fi", ["lopeta", "peru tilaus"], ["aloita", "tilaa"]),
        ("pl", ["wypisz", "zrezygnuj", "rezygnuję"], ["zapisz mnie", "rozpocznij"]),
        ("cs", ["odhlásit", "zrušit odběr"], ["přihlásit", "začít"]),
        ("hu", ["leiratkozás", "leiratkozom"], ["feliratkozás", "feliratkozom"]),
        ("ro", ["dezabonare", "opreste", "oprește"], ["abonare"]),
        ("el", ["διακοπή", "διαγραφή", "σταματήστε"], ["έναρξη", "εγγραφή"]),
        ("ru", ["стоп", "отписаться", "отписка"], ["старт", "подписаться", "начать"]),
        ("uk", ["відписатися", "відписка"], ["підписатися", "почати"]),
        ("tr", ["dur", "abonelikten çık", "abonelikten çik", "ret"], ["başla", "abone ol"]),
        ("ar", ["توقف", "إيقاف", "إلغاء الاشتراك"], ["ابدأ", "اشتراك"]),
        ("he", ["הסר", "הסרה", "עצור"], ["התחל", "הרשמה"]),
        ("fa", ["لغو", "توقف", "لغو عضویت"], ["شروع", "عضویت"]),
        ("hi", ["रोकें", "बंद करें", "बंद"], ["शुरू", "शुरू करें"]),
        ("bn", ["বন্ধ", "বন্ধ করুন"], ["শুরু"]),
        ("id", ["berhenti", "berhenti berlangganan"], ["mulai", "berlangganan"]),
        ("ms", ["henti", "berhenti langgan"], ["mula", "langgan"]),
        ("vi", ["dừng", "hủy đăng ký", "huỷ đăng ký"], ["bắt đầu", "đăng ký"]),
        ("th", ["หยุด", "ยกเลิก"], ["เริ่ม", "สมัคร"]),
        ("zh", ["停止", "退订", "退訂", "取消订阅", "取消訂閱"], ["开始", "開始", "订阅", "訂閱"]),
        ("ja", ["停止", "配信停止", "解除"], ["開始", "登録"]),
        ("ko", ["중지", "수신거부", "구독취소"], ["시작", "구독"]),
        ("sw", ["acha", "simama", "ondoa"], ["anza", "jiunge"]),
    )
}  # fmt: skip

_COMMAND = re.compile(r"/(start|stop)(?:@\w+)?(?:\s.*)?", re.DOTALL)


def consent_from_text(text: str) -> Consent | None:
    """What a message says about consent; None when it is about something else."""
    if len(text) > TEXT_CHARACTERS_MAX:
        return None
    plain = _plain(text)
    # Telegram's own commands; Start may bring the parameter of a link along.
    if command := _COMMAND.fullmatch(plain):
        return Consent.OPTED_IN if command[1] == "start" else Consent.OPTED_OUT
    return _MEANINGS.get(_bare(plain))


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace(EMOJI_STYLE, "")
    return " ".join(text.casefold().split())


def _bare(text: str) -> str:
    """The words without punctuation, quotes and emoji around them."""
    inside = [place for place, sign in enumerate(text) if unicodedata.category(sign)[0] in "LMN"]
    return text[inside[0] : inside[-1] + 1] if inside else ""


def _meanings() -> dict[str, Consent]:
    # An opt-out is entered last: a word that means both in two languages opts out.
    return {
        _plain(word): consent
        for consent in (Consent.OPTED_IN, Consent.OPTED_OUT)
        for words in KEYWORDS.values()
        for word in words[consent]
    }


_MEANINGS = _meanings()
