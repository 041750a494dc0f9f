"""How the catalogue-maker reads an artist name: which acts it holds, and how they are joined.

General knowledge, for the stand-in alone: Sillon has no such list and learns it from what the sources answer.
"""

import re

from ingest.sandbox.words import key

SEPARATOR = re.compile(
    r"(\s+(?:feat\.?|featuring|ft\.?|with|vs\.?|avec|&|\+|/|x|and|et|y)\s+|\s*[,;]\s+(?:and\s+|&\s+)?)",
    re.I,
)
BACKING = re.compile(r"^(?:the|his|her|its|their|les|los|la|le|chorus|choir|orchestra|friends|co)\b", re.I)
DISCOGS_SUFFIX = re.compile(r"\s\(\d+\)$")
NAMES_WITH_SEPARATORS = """
Simon & Garfunkel | Emerson, Lake & Palmer | Crosby, Stills & Nash | Crosby, Stills, Nash & Young
Earth, Wind & Fire | Blood, Sweat & Tears | Peter, Paul and Mary | Peter, Paul & Mary | Hall & Oates
Daryl Hall & John Oates | Sam & Dave | Ike & Tina Turner | Nick Cave & the Bad Seeds
Nick Cave and the Bad Seeds | Tom Petty and the Heartbreakers | Bob Marley & The Wailers | Echo & the Bunnymen
Belle and Sebastian | Florence + the Machine | Sly & the Family Stone | Derek and the Dominos
Mumford & Sons | Of Monsters and Men | Kool & the Gang | Huey Lewis & The News | Iron & Wine
Hootie & the Blowfish | King Gizzard & the Lizard Wizard | Chase & Status | Rodrigo y Gabriela
Tyler, the Creator | Kruder & Dorfmeister | Angus & Julia Stone | Eric B. & Rakim | The Mamas & the Papas
Siouxsie and the Banshees | Iggy and The Stooges | G. Love & Special Sauce | Tommy James & The Shondells
Beavis and Butt-Head | Amadou & Mariam | Gladys Knight & the Pips | Martha and the Vandellas
Prince and The Revolution | Bruce Hornsby and the Range | Booker T. & the M.G.'s | Bill Haley & His Comets
Smokey Robinson & The Miracles | Mike + The Mechanics | Gerry & The Pacemakers | Country Joe and the Fish
Captain Beefheart & His Magic Band | Jan & Dean | Seals & Crofts | England Dan & John Ford Coley
Ashford & Simpson | Sonny & Cher | Brooks & Dunn | Big & Rich | Dan + Shay | Maddie & Tae | She & Him
Matt and Kim | Tegan and Sara | Black Country, New Road | Above & Beyond | Camo & Krooked
Sasha & John Digweed | Richard & Linda Thompson | Medeski Martin & Wood | Medeski, Martin & Wood
Lambert, Hendricks & Ross | Peaches & Herb | Robson & Jerome | Chas & Dave | Flanagan and Allen
Flatt & Scruggs | Ferrante & Teicher | Santo & Johnny | Peter and Gordon | Chad & Jeremy | Dick & Dee Dee
Zager and Evans | Loggins & Messina | Shirley & Lee | Mickey & Sylvia | Delaney & Bonnie
Macklemore & Ryan Lewis | Ben Harper and The Innocent Criminals | Neil Young & Crazy Horse
Bob Seger & The Silver Bullet Band | Joan Jett & the Blackhearts | Joan Jett and the Blackhearts
Elvis Costello & The Attractions | Edward Sharpe & the Magnetic Zeros | Adam and the Ants
Katrina and the Waves | Me First and the Gimme Gimmes | Marina and the Diamonds
Nathaniel Rateliff & The Night Sweats | Sharon Jones & The Dap-Kings | St. Paul & The Broken Bones
Womack & Womack | K.D. Lang and the Reclines | Big Brother & The Holding Company
Mitch Ryder & The Detroit Wheels | Gary Puckett & The Union Gap | Rhythm & Sound | Heaven and Hell
Coheed and Cambria | Angels & Airwaves | Between the Buried and Me | Love and Rockets
Hercules and Love Affair | Lilly Wood and The Prick | Lilly Wood & The Prick
"""
WHOLE = frozenset(key(name) for name in re.split(r"[|\n]", NAMES_WITH_SEPARATORS) if name.strip())
KNOWN = {  # names that stand for others: (canonical name, as credited, join phrase)
    key("John & Yoko"): (("John Lennon", "John", " & "), ("Yoko Ono", "Yoko", "")),
    key("Bill Evans Trio"): (("Bill Evans Trio", "Bill Evans Trio", ""),),
}
CANONICAL = {
    key("Oum Kalthoum"): "أم كلثوم",
    key("Дмитрий Дмитриевич Шостакович"): "Dmitri Shostakovich",
    key("Iggy and The Stooges"): "The Stooges",
    key("The Plastic Ono Band"): "Plastic Ono Band",
    key("Elephants Memory"): "Elephant’s Memory",  # noqa: RUF001 - as the act is written
    key("Jinjer"): "Jinjer",
}
Act = tuple[str, str, str]  # canonical name, name as credited, join phrase


def bare(name: str) -> str:
    """A name without the number by which Discogs tells namesakes apart."""
    return DISCOGS_SUFFIX.sub("", name.strip())


def is_various(name: str) -> bool:
    """Whether the name stands for nobody in particular."""
    return key(bare(name)) in {"various", "various artists", "divers", "artistes divers", "varios", "va"}


def holds_separator(name: str) -> bool:
    """Whether a careless reader might split the name."""
    return bool(SEPARATOR.search(bare(name)))


def read(name: str) -> tuple[Act, ...]:
    """The acts of an artist name, in order, each once."""
    name = bare(name)
    pieces = SEPARATOR.split(name)
    parts, joins = pieces[::2], [*pieces[1::2], ""]
    acts: list[Act] = []
    start = 0
    while start < len(parts):
        end = _end_of_act(parts, joins, start)
        text = "".join(part + join for part, join in zip(parts[start:end], joins[start:end], strict=True))
        text = text.removesuffix(joins[end - 1]).strip()
        if text:
            acts.extend(_named(text, joins[end - 1]))
        start = end
    return _once(acts) or ((name, name, ""),)


def names(name: str) -> tuple[str, ...]:
    """The names of the acts as a library should have them: canonical ones of several, the name itself of one."""
    found = read(name)
    return tuple(act[0] for act in found) if len(found) > 1 else (bare(name),)


def _end_of_act(parts: list[str], joins: list[str], start: int) -> int:
    """Where the act that begins at `start` ends: the longest known whole, else as far as backing bands reach."""
    for end in range(len(parts), start + 1, -1):
        text = "".join(part + join for part, join in zip(parts[start:end], joins[start:end], strict=True))
        if key(text.removesuffix(joins[end - 1])) in WHOLE | KNOWN.keys():
            return end
    end = start + 1
    while end < len(parts) and _belongs(parts, joins, end):
        end += 1
    return end


def _belongs(parts: list[str], joins: list[str], at: int) -> bool:
    """Whether the part at `at` is no act of its own: "& His Orchestra", "and Chorus", or one word after "and"."""
    word = joins[at - 1].strip(" ,;").casefold()
    if word in {"&", "and", "et", "y", "+"} and BACKING.search(parts[at]) and "," not in joins[at - 1]:
        return True
    has_comma = any("," in join for join in joins)
    words = min(len(parts[at - 1].split()), len(parts[at].split()))
    return word in {"and", "et", "y"} and not has_comma and words < 2


def _named(text: str, join: str) -> list[Act]:
    known = KNOWN.get(key(text))
    if known:
        return [*known[:-1], (known[-1][0], known[-1][1], join)]
    return [(CANONICAL.get(key(text), text), text, join)]


def _once(acts: list[Act]) -> tuple[Act, ...]:
    seen: dict[str, Act] = {}
    for act in acts:
        seen.setdefault(key(act[0]).removeprefix("the "), act)
    rows = list(seen.values())
    return tuple((name, credited, join if at < len(rows) - 1 else "") for at, (name, credited, join) in enumerate(rows))
