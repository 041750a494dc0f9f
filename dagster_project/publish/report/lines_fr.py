"""Lines that the layers below say in English (errors, warnings, why a source was not asked), put into French.

Here live those lines, whole or piece by piece; the phrases of SQL stand in `phrases.py`. A piece that is not known here stays
as it is: a path, a name, what another program said. The file is long because the table is kept whole.
"""
# ruff: noqa: RUF001 (French writes its own apostrophe)

from __future__ import annotations

import re

from dagster_project.publish.report.words_fr import with_narrow_blanks

_EXACT = {
    # what a command cannot begin with
    "there is no such file": "ce fichier n’existe pas",
    "there is no such configuration folder": "ce dossier de configuration n’existe pas",
    "create it with `sillon init`": "créez-le avec `sillon init`",
    "give the path of the app's SQLite database": "donnez le chemin de la base SQLite de l’application",
    "give the app's SQLite database": "donnez la base SQLite de l’application",
    "give the app's SQLite database inside it": "donnez la base SQLite de l’application qui s’y trouve",
    "the path of the app's SQLite database": "le chemin de la base SQLite de l’application",
    "no library is given": "aucune discothèque n’est donnée",
    "run `sillon run --library PATH`, or try the sample with `sillon run --sandbox --data data/demo`":
        "lancez `sillon run --library CHEMIN`, ou essayez l’exemple avec `sillon run --sandbox --data data/demo`",
    "another data folder is given with --data": "un autre dossier de données se donne avec --data",
    "nothing has run here yet": "rien ne s’est encore passé ici",
    "run `sillon run` once more: every run makes this file anew":
        "lancez `sillon run` encore une fois : chaque passage refait ce fichier",
    "--sandbox and --in-place exclude each other: the sandbox's answers are invented":
        "--sandbox et --in-place s’excluent : les réponses du bac à sable sont inventées",
    "leave out --in-place": "retirez --in-place",
    "the enriched copy shows what would have been written": "la copie enrichie montre ce qui aurait été écrit",
    "one of them": "l’un des deux", "another file": "un autre fichier", "a whole number": "un nombre entier",
    "the data folder belongs to a fleet": "le dossier de données est celui d’une flotte",
    "run `sillon fleet` where it is now": "lancez `sillon fleet` là où elle est maintenant",
    "no night yet": "pas encore de nuit", "no libraries are given": "aucune discothèque n’est nommée",
    "give the whole path": "donnez le chemin entier",
    "check the pattern, and quote it": "vérifiez le motif, et mettez-le entre guillemets",
    "a folder, for each library has a copy of its own": "un dossier, car chaque discothèque a sa copie",
    "use --in-place to write into it": "prenez --in-place pour écrire dedans",
    "the copy would replace the library itself": "la copie remplacerait la discothèque elle-même",
    "use --in-place for that": "prenez --in-place pour cela",
    # the library
    "this is a folder": "c’est un dossier", "the file is empty": "le fichier est vide",
    "a SQLite database": "une base SQLite",
    "it is no SQLite database, or an encrypted one": "ce n’est pas une base SQLite, ou elle est chiffrée",
    "restore a backup of it": "restaurez-en une sauvegarde",
    "restore a backup (sillon backup list)": "restaurez une sauvegarde (sillon backup list)",
    "close the app, or try again later": "fermez l’application, ou réessayez plus tard",
    "close the app that is writing to it, or run again later":
        "fermez l’application qui y écrit, ou relancez la commande plus tard",
    "The library cannot be read": "La discothèque ne se lit pas",
    "This is not a music library": "Ce n’est pas une discothèque",
    "The library is locked by another program": "La discothèque est tenue par un autre programme",
    "the file cannot be opened": "le fichier ne s’ouvre pas",
    "check its path and permissions": "vérifiez son chemin et ses droits",
    "let no other machine use it at night, or work on a local file":
        "qu’aucune autre machine ne s’en serve la nuit, ou travaillez sur un fichier local",
    # the configuration
    "unknown key": "clé inconnue", "unknown variable": "variable inconnue",
    "take it out, or see the table in the README": "retirez-la, ou voyez le tableau du README",
    "the file holds no object": "le fichier ne contient pas d’objet",
    "keys would travel in the clear": "les clés voyageraient en clair", "an https address": "une adresse https",
    "this value cannot be used": "cette valeur ne convient pas",
    "The configuration cannot be used": "La configuration ne convient pas",
    "that is kept, and its own headers rule": "on s’y tient, et ses propres en-têtes l’emportent",
    "the latter wins": "le second l’emporte",
    "other users of this machine can read it": "d’autres utilisateurs de cette machine peuvent le lire",
    "`auto_enrichment.enabled` is false in enrichment_config.json":
        "`auto_enrichment.enabled` vaut false dans enrichment_config.json",
    "no contact: set `contact` in enrichment_config.json (a mail address or a URL; sources require one)":
        "pas de contact : écrivez `contact` dans enrichment_config.json (un courriel ou une URL ; les sources l’exigent)",
    "no keys: set `spotify.client_id` and `spotify.client_secret` in secrets.json":
        "pas de clés : écrivez `spotify.client_id` et `spotify.client_secret` dans secrets.json",
    # the engine that believes, and its lake
    "The engine cannot be used": "Le moteur ne peut servir", "The engine is not installed": "Le moteur n’est pas installé",
    "The lake cannot be used": "Le lac ne peut servir", "The lake belongs to somebody else": "Le lac est à quelqu’un d’autre",
    "there is no Java": "il n’y a pas de Java", "this Java does not start": "ce Java ne démarre pas",
    "install it with `pip install --require-hashes -r requirements-spark.lock`, or believe with --engine duckdb":
        "installez-le avec `pip install --require-hashes -r requirements-spark.lock`, ou croyez avec --engine duckdb",
    "check `spark` in enrichment_config.json, or believe with --engine duckdb":
        "voyez `spark` dans enrichment_config.json, ou croyez avec --engine duckdb",
    "check its path and permissions, or believe with --engine duckdb":
        "vérifiez son chemin et ses droits, ou croyez avec --engine duckdb",
    "give this one a lake of its own: `spark.lake` in enrichment_config.json":
        "donnez à celui-ci un lac à lui : `spark.lake` dans enrichment_config.json",
    "update Sillon, or delete the lake: the next run writes it anew from the warehouse":
        "mettez Sillon à jour, ou supprimez le lac : le prochain passage le refait depuis l’entrepôt",
    "no right to write": "pas le droit d’écrire",
    # the data folder, the disk, the lock
    "The data folder belongs to another library": "Le dossier de données est celui d’une autre discothèque",
    "no room left": "plus de place",
    "no room left to open the warehouse": "plus de place pour ouvrir l’entrepôt", "The disk is full": "Le disque est plein",
    "look at the run with `sillon serve`": "regardez le passage avec `sillon serve`",
    "free some space and run again": "faites de la place et relancez la commande",
    "check its disk and permissions": "vérifiez son disque et ses droits",
    "check the permissions": "vérifiez les droits", "check its owner and permissions": "vérifiez son propriétaire et ses droits",
    "check that the folder is writable": "vérifiez que le dossier est ouvert à l’écriture",
    "the run lock was taken over": "le verrou a été repris par un autre passage",
    "Another run is active": "Un autre passage est en cours", "wait for it to end": "attendez qu’il se termine",
    "give another one in SILLON_STATE_DIR": "donnez-en un autre dans SILLON_STATE_DIR",
    # the warehouse
    "Another program holds the warehouse": "Un autre programme tient l’entrepôt",
    "wait for the other run, or close the program that has it open":
        "attendez l’autre passage, ou fermez le programme qui l’a ouvert",
    "The warehouse cannot be used": "L’entrepôt ne peut servir",
    "The warehouse was written by a newer version": "L’entrepôt a été écrit par une version plus récente",
    "a newer DuckDB wrote this warehouse": "un DuckDB plus récent a écrit cet entrepôt", "update Sillon": "mettez Sillon à jour",
    "the warehouse is a folder": "l’entrepôt est un dossier", "a file": "un fichier", "a warehouse": "un entrepôt",
    "this is an SQLite database": "c’est une base SQLite", "give another path": "donnez un autre chemin",
    # backups, writing, undoing
    "The backup failed, so nothing was changed": "La sauvegarde a échoué, rien n’a donc été changé",
    "the backup does not have the rows of the library": "la sauvegarde n’a pas les lignes de la discothèque",
    "the database has no tables": "la base n’a pas de tables",
    "there is no backup yet": "il n’y a pas encore de sauvegarde", "take one: sillon backup": "pour en faire une : sillon backup",
    "see: sillon backup list": "voir : sillon backup list", "choose another: sillon backup list":
        "choisissez-en une autre : sillon backup list",
    "close it and restore again": "fermez-le et recommencez", "close it there, or choose another --output":
        "fermez-la là-bas, ou donnez un autre --output",
    "The changes could not be written": "Les changements n’ont pu être écrits",
    "The changes were refused": "Les changements ont été refusés",
    "the table library_changes was not built, so nothing is written":
        "la table library_changes n’a pas été faite, rien n’est donc écrit",
    "nothing was written": "rien n’a été écrit", "see: sillon history": "voir : sillon history",
    "the file is not there any more": "le fichier n’est plus là", "somebody changed it since": "quelqu’un l’a changé depuis",
    "another row has taken its place": "une autre ligne a pris sa place",
    "the old value cannot be stored any more": "l’ancienne valeur ne peut plus être remise",
    "the old row cannot be stored any more": "l’ancienne ligne ne peut plus être remise",
    "a row with its key is there already": "une ligne de même clé est déjà là",
    "the artist is in use": "l’artiste est utilisé", "no longer part of the copy": "n’est plus dans la copie",
    "writing": "l’écriture", "undoing": "l’annulation", "the backup": "la sauvegarde", "the snapshot": "l’instantané",
    "verifying": "la vérification", "restoring": "la restauration", "writing the ledger": "l’écriture du registre",
    "writing the decision": "l’écriture de la décision", "writing the decisions": "l’écriture des décisions",
    "clearing old backups away": "le rangement des vieilles sauvegardes",
    # the service
    "Linux with systemd, or macOS": "Linux avec systemd, ou macOS",
    "let the system's own scheduler start `sillon serve` when you log in":
        "que le planificateur du système lance `sillon serve` à l’ouverture de session",
    "this file was not written by Sillon": "ce fichier n’a pas été écrit par Sillon", "move it away first": "déplacez-le d’abord",
    "run `sillon serve --uninstall` first": "lancez d’abord `sillon serve --uninstall`",
    "give another folder": "donnez un autre dossier",
    "a path without one: DuckDB would keep its log elsewhere": "un chemin qui n’en a pas : DuckDB garderait son journal ailleurs",
    # a dump of MusicBrainz
    "there is no dump here": "il n’y a pas d’archive ici", "download it again": "téléchargez-la à nouveau",
    "mbdump.tar.bz2 and its like, or their folder": "mbdump.tar.bz2 et ses semblables, ou leur dossier",
    "add mbdump.tar.bz2 to the folder": "ajoutez mbdump.tar.bz2 au dossier",
    "The dump cannot be read": "L’archive ne se lit pas",
    # what a source did
    "answers": "répond", "the token is valid": "le jeton est valable", "the keys are valid": "les clés sont valables",
    "answers, the token is valid": "répond, le jeton est valable",
    "answers, the keys are valid": "répond, les clés sont valables",
    "it does not say whether the token is valid": "elle ne dit pas si le jeton est valable",
    "The source gave no usable answer": "La source n’a pas donné de réponse utilisable",
    "The source gave no answer this time": "La source n’a pas répondu cette fois",
    "Too many requests": "Trop de demandes", "The source is busy and sheds load": "La source est débordée",
    "The source failed": "La source a échoué", "The source cannot be reached": "La source est injoignable",
    "No complete answer in time": "Pas de réponse entière à temps", "The answer cannot be read": "La réponse ne se lit pas",
    "the answer is cut short": "la réponse est tronquée", "The source refuses this question": "La source refuse cette question",
    "The source does not understand the question": "La source ne comprend pas la question",
    "The source refuses access": "La source refuse l’accès", "The source has shut us out": "La source nous a bannis",
    "The answer is too large": "La réponse est trop grosse", "The source redirects in a circle": "La source tourne en rond",
    "The source redirects to a forbidden place": "La source renvoie vers un lieu interdit",
    "The source is closed": "La source est fermée", "the time for asking is spent": "le temps des questions est écoulé",
    "another process holds the pacing file": "un autre processus tient le fichier de cadence",
    "a redirect to nowhere": "un renvoi vers nulle part", "the redirect leads nowhere": "le renvoi ne mène nulle part",
    "the address is none": "l’adresse n’en est pas une", "the answer is a web page": "la réponse est une page web",
    "the answer is empty": "la réponse est vide", "the answer is no object": "la réponse n’est pas un objet",
    "the answer is in no known character encoding": "la réponse n’est dans aucun codage connu",
    "the answer is nested too deeply": "la réponse est trop imbriquée",
    "the answer is no release": "la réponse n’est pas un disque",
    "the answer is no list": "la réponse n’est pas une liste",
    "the answer is no release group": "la réponse n’est pas un groupe de parutions",
    "the answer is not JSON": "la réponse n’est pas du JSON",
    "the compressed answer is broken": "la réponse compressée est abîmée",
    "the compressed answer is cut short": "la réponse compressée est tronquée",
    "the question cannot be put into a request": "la question ne peut devenir une demande",
    "the source redirects a POST": "la source renvoie ailleurs une demande POST",
    "the source redirects to no address": "la source ne renvoie à aucune adresse",
    "the source redirects to no plain address": "la source ne renvoie pas à une adresse simple",
    "the token is not valid": "le jeton n’est pas valable",
    "two changes concern the same value": "deux changements visent la même valeur",
    "two changes have the same id": "deux changements ont le même identifiant",
    "not asked in this run": "non demandé cette fois-ci", "not asked tonight": "non demandé cette nuit",
}  # fmt: skip

_PATTERNS = tuple(
    (re.compile(pattern), french)
    for pattern, french in (
        (r"(?P<rest>.+) \(status (\d+)\)", "{rest} (statut {2})"),
        (r"Another run is active \((.+), since (.+)\)", "Un autre passage est en cours ({1}, depuis {2})"),
        (r"Another run is active \((.+)\)", "Un autre passage est en cours ({1})"),
        (
            r"the data folder belongs to the fleet (.+), which is not there",
            "le dossier de données est celui de la flotte {1}, qui n’y est pas",
        ),
        (r"the data folder belongs to a fleet \((\w+)\)", "le dossier de données est celui d’une flotte ({1})"),
        (r"the data folder belongs to (.+) \((\w+)\)", "le dossier de données est celui de {1} ({2})"),
        (r"take another folder: (.+)", "prenez un autre dossier : {1}"),
        (r"the nearest known key is (`.+`)", "la clé connue la plus proche est {1}"),
        (r"(.+) cannot be used", "{1} ne convient pas"),
        (r"it has no table (`.+`)", "il n’a pas de table {1}"),
        (r"its table (`.+`) has no column (`.+`)", "sa table {1} n’a pas de colonne {2}"),
        (r"the tables (.+)", "les tables {1}"),
        (r"(?:it cannot be read|SQLite cannot read it) \((.+)\)", "il ne se lit pas ({1})"),
        (r"the file cannot be read as a database \((.+)\)", "le fichier ne se lit pas comme une base de données ({1})"),
        (r"the file cannot be (read|written): (.+)", "le fichier ne peut être lu ou écrit : {2}"),
        (r"the state folder cannot be written: (.+)", "le dossier d’état ne peut être écrit : {1}"),
        (r"the run lock cannot be written: (.+)", "le verrou ne peut être écrit : {1}"),
        (r"the data folder cannot be used: (.+)", "le dossier de données ne peut servir : {1}"),
        (r"the warehouse cannot be (?:read|opened): (.+)", "l’entrepôt ne s’ouvre pas : {1}"),
        (
            r"the warehouse has version (\d+), this Sillon knows (\d+)",
            "l’entrepôt est en version {1}, ce Sillon connaît la {2}",
        ),
        (r"this is not JSON: (.+) at (.+)", "ce n’est pas du JSON : {1} ({2})"),
        (r"this is not JSON as it should be: (.+)", "ce n’est pas du JSON bien formé : {1}"),
        (
            r"(.+) lies on a network disk \((.+)\), where two machines may write at once without seeing each other's locks",
            "{1} est sur un disque du réseau ({2}), où deux machines peuvent écrire à la fois sans voir leurs verrous",
        ),
        (r"the library is damaged: (.+)", "la discothèque est abîmée : {1}"),
        (r"the (backup|copy) is damaged: (.+)", "la sauvegarde ou la copie est abîmée : {2}"),
        (r"there is no backup (\S+)", "il n’y a pas de sauvegarde {1}"),
        (r"(.+) has the library open", "{1} a ouvert la discothèque"),
        (r"(.+) has the copy open", "{1} a ouvert la copie"),
        (r"--output (.+) is the library itself", "--output {1} est la discothèque elle-même"),
        (r"line (\d+): unknown decision (.+)", "ligne {1} : décision inconnue {2}"),
        (r"line (\d+): (.+) is no album id", "ligne {1} : {2} n’est pas un numéro d’album"),
        (r"line (\d+): (.+) cannot be accepted", "ligne {1} : {2} ne peut être accepté"),
        (r"line (\d+): (.+) is no (.+)", "ligne {1} : {2} ne convient pas ({3})"),
        (r"the column (.+) is missing", "la colonne {1} manque"),
        (r"no room left while (?P<rest>.+)", "plus de place pendant {rest}"),
        (r"(?P<rest>[a-z ]+) failed: (.+)", "{rest} a échoué : {2}"),
        (r"a step stopped: (.+)", "une étape s’est arrêtée : {1}"),
        (r"dbt could not run: (.+)", "dbt n’a pas pu tourner : {1}"),
        (r"the command of `notify` cannot be started: (.+)", "la commande de `notify` ne démarre pas : {1}"),
        (
            r"the command of `notify` was still running after (\d+) s and was ended",
            "la commande de `notify` tournait encore après {1} s, elle a été arrêtée",
        ),
        (r"the command of `notify` ended with (-?\d+)(?:: (.+))?", "la commande de `notify` a fini par {1} : {2}"),
        (
            r"the webhook at (\S+) did not take the message: (?P<rest>.+)",
            "le webhook de {1} n’a pas pris le message : {rest}",
        ),
        (r"the message of `notify` was not sent: interrupted", "le message de `notify` n’est pas parti : interrompu"),
        (r"(.+) needs (.+), (.+) are free", "{1} demande {2}, {3} sont libres"),
        (r"free (.+) and run again", "libérez {1} et relancez la commande"),
        (r"a service cannot be installed on (.+)", "un service ne s’installe pas sur {1}"),
        (r"the service is already there for the data folder (.+)", "le service sert déjà le dossier de données {1}"),
        (
            r"what the run (\S+) wrote is in a library that is not there",
            "ce que le passage {1} a écrit est dans une bibliothèque absente",
        ),
        (r"the run (\S+) wrote nothing first", "le passage {1} n’a rien écrit d’abord"),
        (r"the run (\S+) wrote nothing", "le passage {1} n’a rien écrit"),
        (r"nothing of the run (\S+) is left to take back", "du passage {1}, il ne reste rien à défaire"),
        (r"no change of it matches", "aucun de ses changements ne correspond"),
        (
            r"a later run changed it \((.+)\): undo that one first",
            "un passage plus récent l’a changé ({1}) : à défaire d’abord",
        ),
        (r"it belongs together with a change that stays: (?P<rest>.+)", "va avec un changement qui reste : {rest}"),
        (r'"(\w+)" is not listed under (`.+`) in (\S+)', "« {1} » n’est pas dans {2} de {3}"),
        (r"(`.+`) says (.+), (\S+) says (.+)", "{1} dit {2}, {3} dit {4}"),
        (r"(`.+`) is (\S+), (\w+) is known to bear (\S+) a minute", "{1} vaut {2}, {3} en supporte {4} par minute"),
        (r"run (`chmod .+`)", "lancez {1}"),
        (r"(?P<rest>.+), (\d+) requests a minute", "{rest}, {2} demandes par minute"),
        (r"the answer holds no (.+)", "la réponse ne contient pas ce qu’il faut ({1})"),
        (
            r"the answer is compressed as (.+), which was not asked for",
            "la réponse est compressée en {1}, ce qui n’était pas demandé",
        ),
        (r"the answer is larger than (.+)", "la réponse dépasse {1}"),
        (r"the source redirects to (.+)", "la source renvoie à {1}"),
        (r"the backup cannot be restored: (.+)", "la sauvegarde ne peut être restaurée : {1}"),
        (r"the copy has (\d+) rows in (.+)", "la copie a {1} lignes dans {2}"),
        (r"(\d+) rows", "{1} lignes"),
        (r"(.+) of (\S+) is not Sillon's to write", "{1} de {2} : ce n’est pas à Sillon de l’écrire"),
        (r"its TIMESTAMP is no moment: (.+)", "son TIMESTAMP n’est pas une date : {1}"),
        (r"the dump has no table (.+)", "l’archive n’a pas de table {1}"),
        (r"the table (\S+) has (\S+) columns", "la table {1} a {2} colonnes"),
        (r"(.+) first", "d’abord {1}"),
        (r"a fleet \((\w+)\)", "une flotte ({1})"),
        (r"take the folder of one library below it: (--data .+)", "prenez le dossier d’une de ses discothèques : {1}"),
        (r"no file is named by (.+)", "aucun fichier ne répond à {1}"),
        (
            r"the libraries could not be asked about together: (?P<rest>.+)",
            "on n’a pu demander pour toutes les discothèques ensemble : {rest}",
        ),
        (r"(.+) begins with the home of nobody", "{1} commence par le dossier de personne"),
        (r"name them: (sillon fleet .+)", "nommez-les : {1}"),
        (r"--output (.+) is a file", "--output {1} est un fichier"),
        (r"--data (.+) has a question mark in its path", "--data {1} a un point d’interrogation dans son chemin"),
        (r"the lake cannot be opened: (?P<rest>.+)", "le lac ne s’ouvre pas : {rest}"),
        (r"the lake cannot be read: (?P<rest>.+)", "le lac ne se lit pas : {rest}"),
        (r"the lake cannot be written: (?P<rest>.+)", "le lac ne s’écrit pas : {rest}"),
        (r"the lake cannot be (.+): (?P<rest>.+)", "le lac ne peut servir : {rest}"),
        (r"the lake belongs to the data folder (.+)", "le lac est celui du dossier de données {1}"),
        (
            r"the lake has version (\S+), this Sillon knows (\S+)",
            "le lac est de la version {1}, ce Sillon connaît la {2}",
        ),
        (r"what Spark built cannot be read: (.+)", "ce que Spark a bâti ne se lit pas : {1}"),
        (r"Spark failed: (.+)", "Spark a échoué : {1}"),
        (r"(\S+) is not installed", "{1} n’est pas installé"),
        (r"this is Java (\d+)", "ceci est Java {1}"),
        (r"Java (\d+) or newer", "Java {1} ou plus récent"),
        (
            r"install a Java (\d+) runtime and set JAVA_HOME, or believe with --engine duckdb",
            "installez Java {1} et donnez JAVA_HOME, ou croyez avec --engine duckdb",
        ),
        # what typer says of a word that it does not know
        (r"No such command '(.+)'", "il n’y a pas de commande « {1} »"),
        (r"No such option: (\S+?)(?: Did you mean (.+)\?)?", "il n’y a pas d’option {1}"),
        (r"No such option: (\S+) \(Possible options: (.+)\)", "il n’y a pas d’option {1} (peut-être {2})"),
        (r"Missing argument '(.+)'", "il manque {1}"),
        (r"Missing command", "il manque une commande"),
        (r"Invalid value for '(.+?)': '(.*)' is not .+", "{1} ne peut être « {2} »"),
        (r"Invalid value for '(.+?)': .+", "la valeur de {1} ne convient pas"),
        (r"Option '(.+)' requires an argument", "l’option {1} demande une valeur"),
        (r"Got unexpected extra arguments? \((.+)\)", "mots de trop : {1}"),
    )
)
_BEFORE_KEY = re.compile("(?<!\u202f): `")
_BETWEEN = ((". ", ". "), ("; expected ", " ; attendu : "), ("; ", " ; "), (": ", " : "))


def line_in_french(text: str) -> str:
    """A line in French, piece by piece; only what is known here changes, signs between unknown pieces included."""
    if text.endswith(".") and not text.endswith(".."):
        known = _known(text) or line_in_french(text[:-1])
        return known if known.endswith(".") else f"{known}."
    return _known(text) or _apart(text)


def _known(text: str) -> str | None:
    # After a full stop a remedy begins with a capital, which the tables do not know.
    for spelled, cased in ((text, str), (text[:1].lower() + text[1:], _capital)):
        if (french := _whole(spelled)) is not None:
            return with_narrow_blanks(cased(french))
    return None


def _whole(text: str) -> str | None:
    if text in _EXACT:
        return _EXACT[text]
    for pattern, french in _PATTERNS:
        if (found := pattern.fullmatch(text)) is not None:
            rest = found.groupdict().get("rest")
            parts = [part or "–" for part in found.groups()]
            return french.format(None, *parts, rest=line_in_french(rest) if rest else "")
    return None


def _apart(text: str) -> str:
    for english, french in _BETWEEN:
        at = text.rfind(english)  # from the end: a path or a title may hold such a sign, what is ours stands last
        while at >= 0:
            head, tail = text[:at], text[at + len(english) :]
            told = line_in_french(head), line_in_french(tail)
            if told != (head, tail) or english == "; expected ":
                return _BEFORE_KEY.sub("\u202f: `", told[0]) + with_narrow_blanks(french) + told[1]
            at = text.rfind(english, 0, at)
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
