"""The words by which MusicBrainz' search finds an entity, field by field."""

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.model import Artist, Credit, ReleaseGroup


def _credit_words(catalogue: Catalogue, credits: tuple[Credit, ...]) -> dict[str, list[str]]:
    acts = [catalogue.artists[one.artist] for one in credits]
    return {
        "arid": [act.id for act in acts],
        "artist": ["".join(one.name + one.join for one in credits)],
        "artistname": [act.name for act in acts],
        "creditname": [one.name for one in credits],
    }


def group_words(catalogue: Catalogue, group: ReleaseGroup) -> dict[str, list[str]]:
    """Searchable words of a release group."""
    return _credit_words(catalogue, group.credits) | {
        "rgid": [group.id], "releasegroup": [group.title], "releasegroupaccent": [group.title],
        "release": [one.title for one in group.releases], "reid": [one.id for one in group.releases],
        "releases": [str(len(group.releases))], "status": [one.status for one in group.releases],
        "comment": [group.disambiguation], "firstreleasedate": [group.date], "primarytype": [group.primary],
        "secondarytype": list(group.secondary), "type": [group.primary, *group.secondary],
        "tag": [name for name, _ in group.tags], "alias": [],
    }  # fmt: skip


def release_words(catalogue: Catalogue, ident: str) -> dict[str, list[str]]:
    """Searchable words of a release."""
    one, group = catalogue.releases[ident]
    return _credit_words(catalogue, group.credits) | {
        "reid": [one.id], "rgid": [group.id], "release": [one.title], "releaseaccent": [one.title], "date": [one.date],
        "status": [one.status], "primarytype": [group.primary], "secondarytype": list(group.secondary),
        "type": [group.primary, *group.secondary], "tracks": [str(one.tracks)], "country": ["XW"],
    }  # fmt: skip


def artist_words(act: Artist) -> dict[str, list[str]]:
    """Searchable words of an artist."""
    return {
        "arid": [act.id], "artist": [act.name], "artistaccent": [act.name], "alias": list(act.aliases),
        "sortname": [act.sort_name or act.name], "comment": [act.disambiguation], "type": [act.type],
        "tag": [name for name, _ in act.tags],
    }  # fmt: skip
