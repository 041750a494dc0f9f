"""What the sandbox knows of genres: tags of each family, Discogs' words for it, and which family well-known acts belong to.

General knowledge, written for the stand-in catalogue. Not here: Sillon's own tables (they are judged against this).
"""

from ingest.sandbox.words import key, number, share

# family -> (tags, most telling first), (Discogs genre), (Discogs styles), which of Sillon's seven it is
FAMILIES: dict[str, tuple[tuple[str, ...], str, tuple[str, ...], str | None]] = {
    "rock": (("rock", "alternative rock", "art rock", "indie rock", "classic rock", "punk", "psychedelic rock", "hard rock"),
             "Rock", ("Alternative Rock", "Classic Rock", "Art Rock", "Punk", "Psychedelic Rock"), "rock"),
    "metal": (("heavy metal", "metal", "thrash metal", "alternative metal", "rock"),
              "Rock", ("Heavy Metal", "Thrash", "Hard Rock"), "rock"),
    "pop": (("pop", "synth-pop", "dance-pop", "art pop", "pop rock", "chanson"), "Pop", ("Synth-pop", "Vocal", "Ballad"), "pop"),
    "chanson": (("chanson française", "chanson", "pop", "french pop"), "Pop", ("Chanson", "Vocal"), "pop"),
    "crooner": (("vocal jazz", "traditional pop", "swing", "jazz"), "Jazz", ("Vocal", "Swing", "Easy Listening"), "jazz"),
    "jazz": (("jazz", "hard bop", "cool jazz", "modal jazz", "bebop"), "Jazz", ("Hard Bop", "Modal", "Post Bop"), "jazz"),
    "electronic": (("electronic", "downtempo", "ambient", "house", "trip hop", "idm", "techno"),
                   "Electronic", ("Downtempo", "Ambient", "House", "Trip Hop"), "electronic"),
    "classical": (("classical", "romantic classical", "baroque", "modern classical", "opera", "minimalism"),
                  "Classical", ("Baroque", "Romantic", "Modern"), "classical"),
    "blues": (("blues", "electric blues", "delta blues", "chicago blues"), "Blues", ("Electric Blues", "Delta Blues"), "blues"),
    "world": (("world", "latin", "bossa nova", "afrobeat", "arabic classical", "reggae", "flamenco", "samba"),
              "Folk, World, & Country", ("African", "Bossa Nova", "Fado"), "world"),
    "hip hop": (("hip hop", "rap", "trap"), "Hip Hop", ("Boom Bap", "Trap"), None),
    "soul": (("soul", "rhythm and blues", "contemporary r&b", "funk"), "Funk / Soul", ("Soul", "Funk"), None),
    "folk": (("folk", "singer-songwriter", "indie folk", "country"), "Folk, World, & Country", ("Folk", "Country"), None),
    "score": (("soundtrack", "score", "film score"), "Stage & Screen", ("Soundtrack", "Score"), None),
}  # fmt: skip
ACTS = {
    "rock": "The Beatles|Pink Floyd|The Doors|The Cure|David Bowie|Lou Reed|Talking Heads|Radiohead|Led Zeppelin|The Who|Yes|"
    "Genesis|Peter Gabriel|Supertramp|Fleetwood Mac|Queen|The Clash|R.E.M.|Nirvana|Pixies|Blur|Oasis|U2|Tame Impala|Geese|"
    "The Smile|PJ Harvey|Sonic Youth|The Stooges|Iggy Pop|MC5|The Velvet Underground|Roxy Music|Bauhaus|Foo Fighters|Coldplay|"
    "Mott the Hoople|Jefferson Airplane|Creedence Clearwater Revival|The Rolling Stones|The Police|Pretenders|Eagles|Santana|"
    "Jeff Beck|Eric Clapton|Nine Inch Nails|Siouxsie and the Banshees|Japan|The Band|The Gun Club|Beck|Cocteau Twins|Sloan|"
    "Spiritualized|The Young Gods|John Lennon|George Harrison|Paul McCartney|Phil Collins|Van der Graaf Generator|Rush|"
    "Ten Years After|The Libertines|The Cramps|The Verve|Cream|Janis Joplin|The Jimi Hendrix Experience|Arcade Fire|"
    "Simon & Garfunkel|Emerson, Lake & Palmer|Crosby, Stills, Nash & Young|Television|Joy Division|New Order|Patti Smith",
    "metal": "Metallica|Black Sabbath|Deftones|System Of A Down|Rob Zombie|Anthrax|Jinjer|Mass Hysteria|Deep Purple|Alice Cooper|"
    "Iron Maiden|Slayer|Motörhead|Judas Priest",
    "pop": "ABBA|Lady Gaga|Kate Bush|Björk|Billie Eilish|Sia|Sam Smith|Eurythmics|George Michael|Blondie|Tiffany|Lana Del Rey|"
    "Maroon 5|Beyoncé|Madonna|Prince|Michael Jackson|Depeche Mode|Talk Talk|Eros Ramazzotti|Miguel Bosé|Dalida|Paramore|"
    "The Mamas & the Papas|Pet Shop Boys",
    "chanson": "Serge Gainsbourg|Édith Piaf|Jacques Brel|Françoise Hardy|Barbara|Claude Nougaro|Patricia Kaas|Mylène Farmer|"
    "Jane Birkin|Carla Bruni|Camille|Stephan Eicher|Brigitte Bardot|Lynda Lemay|Juliette Armanet|Feu! Chatterton|La Femme|"
    "Charles Aznavour|Georges Brassens|Léo Ferré|Zaho De Sagazan|Vendredi sur Mer|Juniore|Alain Bashung",
    "crooner": "Frank Sinatra|Dean Martin|Tony Bennett|Ella Fitzgerald|Peggy Lee|Louis Prima|Nina Simone|Eartha Kitt|"
    "Louis Armstrong|Billie Holiday|Sarah Vaughan|Bobby Short|Melody Gardot|Diana Krall|Nat King Cole",
    "jazz": "Miles Davis|John Coltrane|Bill Evans|Chet Baker|Herbie Hancock|Oscar Peterson Trio|Keith Jarrett|Alice Coltrane|"
    "Sidney Bechet|Donald Byrd|Freddie Hubbard|Les McCann|Thelonious Monk|Charles Mingus|Duke Ellington|Brad Mehldau|"
    "Miles Davis Quintet|John Coltrane Quartet|Bill Evans Trio|The Dave Brubeck Quartet|Avishai Cohen|Gato Barbieri|"
    "Roy Hargrove|George Benson|Quincy Jones|Martial Solal|Sonny Rollins|Milt Jackson|John Scofield|Dave Holland",
    "electronic": "Air|Daft Punk|Massive Attack|Portishead|Moby|Boards of Canada|Kraftwerk|The Chemical Brothers|Trentemøller|"
    "Bonobo|Thievery Corporation|Nightmares on Wax|Kruder & Dorfmeister|Zero 7|Morcheeba|St. Germain|Yello|Kavinsky|Avicii|"
    "Loraine James|Brian Eno|Aphex Twin|Hiroshi Yoshimura|DJ Cam|Kid Loco|Rinôçérôse|Vegyn|Mike Oldfield|Underworld",
    "classical": "Claude Debussy|Georges Bizet|George Gershwin|Philip Glass|Terry Riley|György Ligeti|Glenn Gould|"
    "Maria Callas|Luciano Pavarotti|Nikolai Rimsky-Korsakov|Yo-Yo Ma|Johann Sebastian Bach|Steve Reich|Arvo Pärt|Erik Satie",
    "blues": "Muddy Waters|B.B. King|Robert Johnson|Howlin' Wolf|John Lee Hooker|Etta James|Albert King|Buddy Guy",
    "world": "Oum Kalthoum|Bob Marley & The Wailers|Antônio Carlos Jobim|Astrud Gilberto|Fela Kuti|Buena Vista Social Club|"
    "Cesária Évora|Lila Downs|João Gilberto|Stan Getz|Ali Farka Touré|Amadou & Mariam|Hermanos Gutiérrez|Nusrat Fateh Ali Khan",
    "hip hop": "De La Soul|Eric B. & Rakim|Future|Yeat|Lil Wayne|Quavo|Ministère A.M.E.R.|Kendrick Lamar|OutKast|IAM|MC Solaar",
    "soul": "Bill Withers|Minnie Riperton|Ann Peebles|Irma Thomas|Terry Callier|Gil Scott-Heron|Bobby Womack|Funkadelic|"
    "Michael Kiwanuka|Amy Winehouse|Marvin Gaye|Aretha Franklin|Stevie Wonder|Earth, Wind & Fire|Donna Summer",
    "folk": "Bob Dylan|Woody Guthrie|Johnny Cash|Cat Stevens|Jack Johnson|Angus & Julia Stone|Elliott Smith|Nick Drake|"
    "Leonard Cohen|Carole King|Jim Croce|Joni Mitchell|Andrew Bird",
    "score": "Danny Elfman|Lalo Schifrin|Wojciech Kilar|Clint Mansell|Junkie XL|Lorne Balfe|Alberto Iglesias|Jerry Goldsmith|"
    "Bernard Herrmann|Nino Rota|Ennio Morricone|John Williams|Hans Zimmer|Vangelis|Angelo Badalamenti|Eric Serra|"
    "Nelson Riddle|Luis Bacalov|Carmine Coppola|Jon Brion|Tyler Bates|Mark Isham|Georges Delerue|Michel Legrand|"
    "Theodore Shapiro|Daniel Blumberg|Stephen Schwartz|Francis Lai|Vladimir Cosma|Harry Gregson-Williams",
}  # fmt: skip
FAMILY_OF = {key(name): family for family, names in ACTS.items() for name in names.split("|")}
COMPOSERS = frozenset(key(name) for name in ACTS["score"].split("|"))
TAGS = {tag for tags, *_ in FAMILIES.values() for tag in tags}
NOISE = (
    "british",
    "american",
    "english",
    "1001 albums you must hear before you die",
    "favourites",
    "vinyl",
    "seen live",
)


def is_genre(tag: str) -> bool:
    """Whether MusicBrainz counts the tag as a genre."""
    return tag in TAGS


def family_of(artist: str) -> str:
    """The family of an act: known, or plausible and always the same."""
    known = FAMILY_OF.get(key(artist))
    if known:
        return known
    common = ("rock", "pop", "electronic", "jazz", "folk", "rock", "soul", "world", "classical", "hip hop")
    return common[number("family", key(artist)) % len(common)]


def tags_of(family: str, *name: str) -> tuple[tuple[str, int], ...]:
    """Tags with votes: the family's, in an order that follows from the name, with some noise among them."""
    tags = FAMILIES[family][0]
    first = tags[number("tag", *name) % min(3, len(tags))]
    chosen = [tags[0], first, tags[number("other tag", *name) % len(tags)]]
    votes = 4 + number("votes", *name) % 12
    rows = [(tag, max(1, votes - 3 * place)) for place, tag in enumerate(dict.fromkeys(chosen))]
    if share("noise", *name) < 0.35:
        rows.append((NOISE[number("noise", *name) % len(NOISE)], 1 + number("noise votes", *name) % 4))
    if share("down", *name) < 0.05:
        rows.append(("sillyname", -1))
    return tuple(rows)


def seven(family: str) -> str | None:
    """Which of Sillon's seven genres a family is, if any."""
    return FAMILIES[family][3]
