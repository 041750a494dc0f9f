"""The sandbox over HTTP: it speaks the contracts of the sources, to the letter where a client could stumble."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.sandbox import Catalogue, Sandbox
from ingest.sandbox.sample import CATALOGUE

AGENT = {"User-Agent": "Sillon/0.1 ( somebody@example.org )"}
TOKEN = {"Authorization": "Discogs token=abc"}
RECORDED = Path(__file__).parents[3] / "../shared/contracts/recorded"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.load(CATALOGUE), limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers=AGENT, timeout=5) as made:
        yield made


def group(sandbox: Sandbox, title: str):
    return next(one for one in sandbox.catalogue.groups.values() if one.title == title and one.kind == "true")


def search(sandbox: Sandbox, client: httpx.Client, query: str, **more: object) -> httpx.Response:
    params = {"query": query, "fmt": "json", "limit": 100} | more
    return client.get(f"{sandbox.base_urls['musicbrainz']}/ws/2/release-group", params=params)


def test_a_batch_of_pairs_finds_each_album_among_its_decoys(sandbox: Sandbox, client: httpx.Client) -> None:
    """Two pairs in one question: both albums come back, scores are relative, the count is exact."""
    query = '(artist:"Daft Punk" AND releasegroup:"Discovery") OR (artist:"Joni Mitchell" AND releasegroup:"Blue")'
    body = search(sandbox, client, query).json()
    found = {(one["title"], one["artist-credit"][0]["name"]) for one in body["release-groups"]}
    assert {("Discovery", "Daft Punk"), ("Blue", "Joni Mitchell")} <= found
    assert body["count"] == len(body["release-groups"])
    assert body["release-groups"][0]["score"] == 100


@pytest.mark.parametrize(("limit", "shown"), [(100, 100), (101, 25), (0, 25), (7, 7)])
def test_a_limit_out_of_range_becomes_25(sandbox: Sandbox, client: httpx.Client, limit: int, shown: int) -> None:
    """1 to 100 are taken, everything else silently becomes 25; the count stays exact."""
    body = search(sandbox, client, "primarytype:album OR primarytype:single OR primarytype:ep", limit=limit).json()
    assert len(body["release-groups"]) == shown
    assert body["count"] > 100


def test_refusals_of_musicbrainz(sandbox: Sandbox, client: httpx.Client) -> None:
    """Blank query 400, no agent 403, unknown id 404, wrong id or inc 400, too long 414."""
    base = sandbox.base_urls["musicbrainz"]
    assert search(sandbox, client, "").status_code == 400
    assert httpx.get(f"{base}/ws/2/release-group?query=a&fmt=json").status_code == 403
    assert client.get(f"{base}/ws/2/release-group/00000000-0000-4000-8000-000000000000?fmt=json").status_code == 404
    assert client.get(f"{base}/ws/2/release-group/nonsense?fmt=json").status_code == 400
    known = group(sandbox, "Discovery").id
    assert "inc parameter" in client.get(f"{base}/ws/2/release-group/{known}?inc=covers&fmt=json").json()["error"]
    assert search(sandbox, client, "rgid:(" + f"{known} " * 230 + ")").status_code == 414
    assert search(sandbox, client, "rgid:(" + f"{known} " * 100 + ")").json()["count"] == 1


def test_addresses_come_as_one_object_or_as_a_list(sandbox: Sandbox, client: httpx.Client) -> None:
    """One resource: an object or 404. Several: a list without the unknown ones."""
    base = f"{sandbox.base_urls['musicbrainz']}/ws/2/url"
    known = [url for url, targets in sandbox.catalogue.links.items() if targets[0][0] == "release"][:2]
    alone = client.get(base, params={"resource": known[0], "inc": "release-rels", "fmt": "json"}).json()
    assert alone["resource"] == known[0]
    assert alone["relations"][0]["release"]["id"] in sandbox.catalogue.releases
    several = [("resource", url) for url in [*known, "https://example.org/x"]]
    body = client.get(base, params=[*several, ("inc", "release-rels"), ("fmt", "json")]).json()
    assert [one["resource"] for one in body["urls"]] == known
    assert body["url-count"] == 2
    assert client.get(base, params={"resource": "https://example.org/x", "fmt": "json"}).status_code == 404


def test_a_release_leads_to_its_group(sandbox: Sandbox, client: httpx.Client) -> None:
    """`reid:(…)` on release groups finds the groups of releases."""
    wanted = [group(sandbox, "Discovery"), group(sandbox, "Mezzanine")]
    query = "reid:(" + " ".join(one.releases[0].id for one in wanted) + ")"
    assert {one["id"] for one in search(sandbox, client, query).json()["release-groups"]} == {one.id for one in wanted}


def test_search_leaves_out_what_is_unknown(sandbox: Sandbox, client: httpx.Client) -> None:
    """An unknown date and an empty join phrase are absent in a search, and "" in a look-up."""
    homework = group(sandbox, "Homework")
    hit = search(sandbox, client, f"rgid:{homework.id}").json()["release-groups"][0]
    assert "first-release-date" not in hit
    assert "joinphrase" not in hit["artist-credit"][0]
    base = sandbox.base_urls["musicbrainz"]
    body = client.get(f"{base}/ws/2/release-group/{homework.id}?inc=artist-credits&fmt=json").json()
    assert body["first-release-date"] == "" == body["artist-credit"][0]["joinphrase"]


def test_bodies_have_the_keys_of_recorded_answers(sandbox: Sandbox, client: httpx.Client) -> None:
    """No key of ours is unknown to the recorded answers of the real services."""
    if not RECORDED.exists():
        pytest.skip("no recorded answers beside this checkout")
    recorded = json.loads((RECORDED / "musicbrainz/search_release_group.writer.json").read_text())["release-groups"][0]
    hit = search(sandbox, client, f"rgid:{group(sandbox, 'Cheek to Cheek').id}").json()["release-groups"][0]
    assert set(hit) <= set(recorded) | {"first-release-date", "disambiguation", "type-id"}
    recorded = next(iter(json.loads((RECORDED / "listenbrainz/metadata_release_group.doc.json").read_text()).values()))
    listed = next(one for one in sandbox.catalogue.groups.values() if one.listed)
    url = f"{sandbox.base_urls['listenbrainz']}/1/metadata/release_group/"
    answer = client.get(url, params={"release_group_mbids": listed.id, "inc": "artist tag release"}).json()[listed.id]
    assert {name: set(part) for name, part in answer.items()} == {name: set(part) for name, part in recorded.items()}
    name = "discogs/release_16004480_various_year0.live2026.json"
    release = client.get(f"{sandbox.base_urls['discogs']}/releases/{next(iter(sandbox.catalogue.discogs))}").json()
    extra = {"master_id", "master_url", "released", "released_formatted", "styles"}
    assert set(release) <= set(json.loads((RECORDED / name).read_text())) | extra


def test_listenbrainz_leaves_out_unknown_ids(sandbox: Sandbox, client: httpx.Client) -> None:
    """Unknown ids are missing, malformed ones a mistake; every answer carries the window."""
    url = f"{sandbox.base_urls['listenbrainz']}/1/metadata/release_group/"
    unknown = "00000000-0000-4000-8000-000000000000"
    known = next(one.id for one in sandbox.catalogue.groups.values() if one.listed)
    answer = client.get(url, params={"release_group_mbids": f"{known},{unknown}"})
    assert list(answer.json()) == [known]
    assert int(answer.headers["X-RateLimit-Remaining"]) < 30
    assert client.get(url, params={"release_group_mbids": "x"}).status_code == 400


def test_covers_are_redirects_to_the_archive(sandbox: Sandbox, client: httpx.Client) -> None:
    """307 with an archive.org address; 404 as HTML where there is no front; the picture is a PNG."""
    base = sandbox.base_urls["cover_art_archive"]
    covered = next(one for one in sandbox.catalogue.groups.values() if one.cover_release)
    bare = next(one for one in sandbox.catalogue.groups.values() if not one.cover_release)
    answer = client.get(f"{base}/release-group/{covered.id}/front-500")
    release = covered.cover_release
    assert answer.status_code == 307
    location = f"https://archive.org/download/mbid-{release.id}/mbid-{release.id}-{release.image}_thumb500.jpg"
    assert answer.headers["location"] == location
    missing = client.get(f"{base}/release-group/{bare.id}/front-500")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert client.get(f"{base}/release-group/nonsense/front").status_code == 400
    picture = client.get(base + location.removeprefix("https://archive.org")).content
    assert picture == sandbox.cover_bytes(covered.id) == sandbox.catalogue.picture_for(location)
    assert picture.startswith(b"\x89PNG")


def test_discogs_shows_pictures_and_the_collection_to_token_holders_only(
    sandbox: Sandbox, client: httpx.Client
) -> None:
    """Without a token: empty addresses, no collection. With one: signed addresses."""
    base = sandbox.base_urls["discogs"]
    ident = next(one.id for one in sandbox.catalogue.discogs.values() if one.has_image)
    plain, known = client.get(f"{base}/releases/{ident}"), client.get(f"{base}/releases/{ident}", headers=TOKEN)
    assert plain.json()["images"][0]["uri"] == ""
    assert known.json()["images"][0]["uri"].startswith("https://i.discogs.com/")
    assert client.get(f"{base}/releases/1", headers=TOKEN).status_code == 404
    page = f"{base}/users/somebody/collection/folders/0/releases?per_page=100"
    assert client.get(page).status_code == 401
    assert client.get(page, headers=TOKEN).json()["pagination"]["pages"] == 1


def test_discogs_tells_its_limit_by_credential(client: httpx.Client) -> None:
    """25 a minute without a token, 60 with one; a sandbox without limits tells none."""
    catalogue = Catalogue.load(CATALOGUE)
    with Sandbox(catalogue) as limited, Sandbox(catalogue, limits=False) as free:
        told = [
            client.get(f"{limited.base_urls['discogs']}/releases/1", headers=headers).headers for headers in ({}, TOKEN)
        ]
        untold = client.get(f"{free.base_urls['discogs']}/releases/1").headers
    assert [headers["X-Discogs-Ratelimit"] for headers in told] == ["25", "60"]
    assert "X-Discogs-Ratelimit" not in untold


def test_spotify_wants_a_token_and_small_pages(sandbox: Sandbox, client: httpx.Client) -> None:
    """A token for an id and a secret; the search takes 10 at most and always ranks something; genres stay empty."""
    base = sandbox.base_urls["spotify"]
    question = {"q": "album:Discovery artist:Daft Punk", "type": "album", "limit": "10"}
    assert client.get(f"{base}/v1/search", params=question).status_code == 401
    answer = client.post(
        sandbox.base_urls["spotify_token"], auth=("id", "secret"), data={"grant_type": "client_credentials"}
    )
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    first = client.get(f"{base}/v1/search", params=question, headers=bearer).json()["albums"]["items"][0]
    assert (first["name"], first["artists"][0]["name"]) == ("Discovery", "Daft Punk")
    assert client.get(f"{base}/v1/search", params=question | {"limit": "11"}, headers=bearer).status_code == 400
    assert client.get(f"{base}/v1/albums?ids={first['id']}", headers=bearer).status_code == 403
    assert client.get(f"{base}/v1/albums/{first['id']}", headers=bearer).json()["genres"] == []
