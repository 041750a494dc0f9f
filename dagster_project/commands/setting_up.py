"""The verbs that set Sillon up and look after it: init asks four questions, doctor checks the same things later.

What is checked stands in `checkup.py`, how files are written in `writing_config.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.commands import questions
from dagster_project.commands.choices import DEFAULT_DATA, ENGINES, Config, Data, Engine, Json, Library, Quiet
from dagster_project.commands.voice import Voice, plain, spoken

if TYPE_CHECKING:
    from dagster_project.checkup_folder import Finding

Probe = Annotated[bool, typer.Option("--probe", help="Ask each source one question: is it there, is the key valid?")]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command(short_help="Four questions, then config/ is there.")(init)
    app.command(short_help="Check everything a night needs.")(doctor)


def init(
    config: Config = None,
    library: Library = None,
    contact: Annotated[
        str | None, typer.Option("--contact", help="A mail address or URL for the sources.", show_default=False)
    ] = None,
    token: Annotated[
        list[str] | None,
        typer.Option(
            "--token", help="A key as NAME=VALUE, such as discogs.token=…; may be repeated.", show_default=False
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="An IANA name, such as Europe/Paris.", show_default=False)
    ] = None,
    probe: Probe = False,
    quiet: Quiet = False,
) -> None:
    """Ask for library, contact, tokens and time zone, check each, and write the files of the configuration.

    Enter keeps what is there. What is given as an option is not asked. Answers may come from a pipe, one per line.

    \b
    Examples:
      sillon init
      sillon init --probe
      sillon init --library ~/music.db --contact me@example.org --timezone Europe/Paris --token discogs.token=…
      printf '~/music.db\\nme@example.org\\n\\nEurope/Paris\\n' | sillon init
    """
    voice = Voice(config, quiet=quiet)

    def start() -> int:
        from dagster_project import checkup, writing_config
        from dagster_project.preparation import DEFAULT_CONFIG
        from ingest.clock import SystemClock
        from ingest.settings import load_settings

        folder = config or DEFAULT_CONFIG
        writing_config.merged(folder, {})  # a file that cannot be used is told before anything is asked
        answers = questions.answers(voice, folder, library, contact, token, timezone)
        written = writing_config.write(folder, writing_config.merged(folder, answers))
        for path in written:
            voice.tell("init.written", path=path)
        if not written:
            voice.tell("init.same", folder=folder)
        settings = load_settings(folder)
        for line in settings.warnings:
            voice.warn(line)
        if probe:
            _say_findings(voice, checkup.probed(settings, SystemClock(), voice.words))
        option = "" if config is None else f" --config {config}"
        voice.listed(
            (
                ("init.next", voice.words("init.next.plan", command=f"sillon plan{option}")),
                ("init.next", voice.words("init.next.run", command=f"sillon run{option} ")),
            )
        )
        return 0

    spoken(voice, start)


def doctor(
    library: Library = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    probe: Probe = False,
    engine: Engine = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check library, configuration, sources, disk, locks, pacing, time zone, warehouse and the last night.

    Exit status 1 when something must be mended. Nobody is asked anything without --probe, and nothing is changed.

    \b
    Examples:
      sillon doctor
      sillon doctor --probe
      sillon doctor --engine spark
      sillon doctor --json --data /srv/sillon
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)
    if engine is not None and engine not in ENGINES:
        voice.refuse("unknown_value", option="--engine", value=engine, known=", ".join(ENGINES))

    def start() -> int:
        from dagster_project import checkup
        from ingest.clock import SystemClock

        findings = checkup.examine(data, config, library, SystemClock(), voice.words, probe=probe, engine=engine)
        to_mend = [finding for finding in findings if finding.state == "mend"]
        voice.data(
            {
                "sound": not to_mend,
                "findings": [
                    {"topic": one.topic, "state": one.state, "words": one.words, "remedy": one.remedy}
                    for one in findings
                ],
            }
        )
        _say_findings(voice, findings)
        if to_mend:
            topics = dict.fromkeys(_topic(voice, one) for one in to_mend)
            voice.head(voice.words("doctor.mend", number=len(to_mend), topics=", ".join(topics)))
        else:
            voice.tell("doctor.sound")
        if quiet and not as_json:
            for one in to_mend:
                told = f"{_topic(voice, one)}{voice.words.raw('colon')}{one.words}. {one.remedy or ''}"
                typer.echo(plain(told.rstrip()), err=True)
        return 1 if to_mend else 0

    spoken(voice, start)


def _say_findings(voice: Voice, findings: Sequence[Finding]) -> None:
    rows = [(voice.words.of("finding", one.state), _topic(voice, one), one) for one in findings]
    state_width = max((len(state) for state, _, _ in rows), default=0)
    width = max((len(topic) for _, topic, _ in rows), default=0)
    for state, topic, one in rows:
        voice.say(f"{state:<{state_width}} {topic:<{width}}  {one.words}")
        if one.remedy:
            voice.say(" " * (state_width + width + 3) + f"→ {one.remedy}")


def _topic(voice: Voice, finding: Finding) -> str:
    """What was looked at, in words; a source goes by its own."""
    asked = finding.topic.removeprefix("ask ")
    return voice.words("topic.ask", source=asked) if asked != finding.topic else voice.words.of("topic", finding.topic)
