"""Years of first release of well-known albums: facts, so that the made-up catalogue is not wrong about what everybody knows.

What is not listed gets a year from the library or a made-up one (invention.py).
"""

import re

from ingest.sandbox.words import key

KNOWN_YEARS = """
The Beatles: Help! 1965 | Rubber Soul 1965 | Revolver 1966 | Sgt. Pepper's Lonely Hearts Club Band 1967 | Abbey Road 1969
The Beatles: Yellow Submarine 1969 | Yellow Submarine Songtrack 1999 | Let It Be 1970 | The Beatles 1962 - 1966 1973
The Beatles: The Beatles 1967 - 1970 1973 | Love 2006 | Magical Mystery Tour 1967 | The Beatles 1968 | A Hard Day's Night 1964
Pink Floyd: The Dark Side of the Moon 1973 | Wish You Were Here 1975 | Animals 1977 | The Wall 1979 | Meddle 1971
David Bowie: Space Oddity 1969 | David Bowie 1969 | The Man Who Sold the World 1970 | Hunky Dory 1971 | Aladdin Sane 1973
David Bowie: Young Americans 1975 | Station to Station 1976 | Low 1977 | "Heroes" 1977 | Scary Monsters 1980 | Let's Dance 1983
David Bowie: Never Let Me Down 1987 | 1. Outside 1995 | Hours 1999 | Heathen 2002 | The Next Day 2013 | Blackstar 2016
Lou Reed: Transformer 1972 | Berlin 1973
The Doors: The Doors 1967 | Strange Days 1967 | Waiting for the Sun 1968 | L.A. Woman 1971
The Cure: Faith 1981 | Pornography 1982 | Kiss Me, Kiss Me, Kiss Me 1987 | Disintegration 1989 | Wild Mood Swings 1996
The Cure: 4:13 Dream 2008 | Songs of a Lost World 2024 | Mixes of a Lost World 2025
Talking Heads: Talking Heads: 77 1977 | Fear of Music 1979 | Remain in Light 1980 | Speaking in Tongues 1983
Talking Heads: Stop Making Sense 1984
Radiohead: The Bends 1995 | OK Computer 1997 | Kid A 2000 | Amnesiac 2001 | In Rainbows 2007
The Smile: A Light for Attracting Attention 2022 | Wall of Eyes 2024 | Cutouts 2024
Led Zeppelin: Led Zeppelin III 1970 | Houses of the Holy 1973 | Coda 1982
The Who: Quadrophenia 1973 | Who's Next 1971
Yes: Fragile 1971 | Close to the Edge 1972 | 90125 1983
Genesis: The Lamb Lies Down on Broadway 1974
Peter Gabriel: Peter Gabriel 1: Car 1977 | Peter Gabriel 3: Melt 1980 | So 1986
Phil Collins: Face Value 1981
Supertramp: Crime of the Century 1974 | Crisis? What Crisis? 1975 | Breakfast in America 1979
Fleetwood Mac: Then Play On 1969 | Fleetwood Mac 1975 | Rumours 1977 | Tango in the Night 1987
Queen: A Kind of Magic 1986 | A Night at the Opera 1975
The Clash: London Calling 1979
Kate Bush: The Kick Inside 1978 | Hounds of Love 1985
Nirvana: Nevermind 1991 | In Utero 1993
Pixies: Doolittle 1989
Cocteau Twins: Heaven or Las Vegas 1990
Portishead: Dummy 1994 | Roseland NYC Live 1998 | Third 2008
Massive Attack: Blue Lines 1991 | Mezzanine 1998
Air: Moon Safari 1998 | 10 000 Hz Legend 2001 | Talkie Walkie 2004 | Pocket Symphony 2007
Daft Punk: Homework 1997 | Discovery 2001 | Random Access Memories 2013
Kraftwerk: Autobahn 1974 | Trans-Europe Express 1977 | The Man-Machine 1978
Boards of Canada: Geogaddi 2002
Moby: Play 1999 | Ambient 23 2023
Thievery Corporation: The Richest Man in Babylon 2002 | The Cosmic Game 2005
The Chemical Brothers: Surrender 1999
St. Germain: Tourist 2000
Zero 7: Simple Things 2001
Gorillaz: Demon Days 2005 | Humanz 2017
Blur: Blur 1997
Oasis: Definitely Maybe 1994
U2: All That You Can't Leave Behind 2000 | The Joshua Tree 1987
Coldplay: Parachutes 2000
R.E.M.: Automatic for the People 1992
Metallica: Metallica 1991
Deftones: Ohms 2020 | White Pony 2000
Beck: Odelay 1996
Tame Impala: Currents 2015
Beach House: Once Twice Melody 2022
Mazzy Star: So Tonight That I Might See 1993
PJ Harvey: Stories From the City, Stories From the Sea 2000 | Uh Huh Her 2004
Iggy Pop: The Idiot 1977 | Lust for Life 1977
The Stooges: Fun House 1970 | Raw Power 1973
Iggy and The Stooges: Raw Power 1973
MC5: Kick Out the Jams 1969
Jefferson Airplane: Surrealistic Pillow 1967
Creedence Clearwater Revival: Creedence Clearwater Revival 1968
The Rolling Stones: Some Girls 1978 | Sticky Fingers 1971
Santana: Santana III 1971 | Abraxas 1970
Eric Clapton: 461 Ocean Boulevard 1974
Mike Oldfield: Tubular Bells 1973
John Lennon: Imagine 1971
Paul McCartney: Band on the Run 1973
Bob Dylan: The Freewheelin' Bob Dylan 1963 | Blonde on Blonde 1966
Simon & Garfunkel: Parsley, Sage, Rosemary and Thyme 1966 | Bookends 1968
Emerson, Lake & Palmer: Emerson, Lake & Palmer 1970
Carole King: Tapestry 1971
Janis Joplin: I Got Dem Ol' Kozmic Blues Again Mama! 1969 | Pearl 1971
Funkadelic: Maggot Brain 1971
Cowboy Junkies: The Trinity Session 1988
Alice Cooper: Pretties for You 1969 | Love It to Death 1971 | School's Out 1972 | Billion Dollar Babies 1973
ABBA: Arrival 1976
Björk: Homogenic 1997 | Debut 1993
Billie Eilish: dont smile at me 2017 | WHEN WE ALL FALL ASLEEP, WHERE DO WE GO? 2019
Johnny Cash: American IV: The Man Comes Around 2002
Serge Gainsbourg: Initials B.B. 1968 | Histoire de Melody Nelson 1971 | Vu de l'extérieur 1973 | Aux armes et cætera 1979
Serge Gainsbourg: Love on the Beat 1984
Miles Davis: Kind of Blue 1959 | Miles Ahead 1957 | Someday My Prince Will Come 1961 | Sorcerer 1967 | Bitches Brew 1970
Miles Davis: Tutu 1986 | Blue Haze 1956
Miles Davis Quintet: Miles Smiles 1967
John Coltrane: Blue Train 1958 | Giant Steps 1960 | A Love Supreme 1965
John Coltrane Quartet: Crescent 1964
Bill Evans: Undercurrent 1962
Bill Evans Trio Featuring Scott LaFaro: Sunday at the Village Vanguard 1961
Oscar Peterson Trio: Night Train 1963
Herbie Hancock: Head Hunters 1973 | Blow-Up 1967
Donald Byrd: Street Lady 1973
Alice Coltrane: Ptah the El Daoud 1970 | Lord of Lords 1972
Keith Jarrett: The Köln Concert 1975
Nina Simone: Pastel Blues 1965 | 'Nuff Said 1968
Etta James: At Last! 1960
Gil Scott-Heron: Pieces of a Man 1971
Quincy Jones: Body Heat 1974 | The Dude 1981
Terry Callier: What Color Is Love 1972
Minnie Riperton: Come to My Garden 1970
Terry Riley: In C 1968
Hiroshi Yoshimura: Music for Nine Post Cards 1982
Tony Bennett & Lady Gaga: Cheek to Cheek 2014 | Love for Sale 2021
Clint Mansell: Requiem for a Dream 2000
Lalo Schifrin: Bullitt 1968
Amy Winehouse: Frank 2003 | Back to Black 2006
Morcheeba: Who Can You Trust? 1996
The Velvet Underground & Nico: The Velvet Underground & Nico 1967
Joy Division: Unknown Pleasures 1979 | Closer 1980
Buena Vista Social Club: Buena Vista Social Club 1997
Bob Marley & The Wailers: Exodus 1977
"""
ENTRY = re.compile(r"^(?P<title>.+) (?P<year>\d{4})$")
YEARS: dict[tuple[str, str], int] = {}
for _line in KNOWN_YEARS.strip().splitlines():
    # An artist's own name may hold ": " only after the first one, in a title.
    _artist, _, _albums = _line.partition(": ")
    for _album in _albums.split(" | "):
        _found = ENTRY.match(_album)
        if _found:
            YEARS[key(_artist).removeprefix("the "), key(_found["title"])] = int(_found["year"])


def of(artist: str, title: str) -> int | None:
    """The year of first release of an album, if it is a well-known one."""
    return YEARS.get((key(artist).removeprefix("the "), key(title)))
