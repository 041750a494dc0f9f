"""The verb serve: the Dagster UI with the schedule, now or as a service of this user.

How the processes are kept stands in `control_room.py`, what a service file holds in `service_unit.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.commands.choices import DEFAULT_DATA, Config, Data, InPlace, Library, Output, Quiet, Sandbox
from dagster_project.commands.voice import Voice, spoken

if TYPE_CHECKING:
    from dagster_project.options import Options


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="The Dagster UI with the schedule.")(serve)


def serve(
    library: Library = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    output: Output = None,
    in_place: InPlace = False,
    sandbox: Sandbox = False,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 3000,
    install: Annotated[
        bool,
        typer.Option("--install", help="Only write a service file (systemd or launchd), and say how to start it."),
    ] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Remove that service file.")] = False,
    quiet: Quiet = False,
) -> None:
    """The Dagster UI with the schedule; ends cleanly on Ctrl-C.

    \b
    Examples:
      sillon serve --library ~/music.db             every night, an enriched copy
      sillon serve --library ~/music.db --in-place  every night, the library itself
      sillon serve --library ~/music.db --install   a service file, to be started as it says; from every login on
      sillon serve --data data/fleet                the nights of a fleet, a partition for each library
      sillon serve --uninstall
    """
    voice = Voice(config, quiet=quiet)
    if install and uninstall:
        voice.refuse("exclude", one="--install", other="--uninstall")
    if output is not None and in_place:
        voice.refuse("exclude", one="--output", other="--in-place")

    def start() -> int:
        if uninstall:
            return _uninstall(voice)
        from dagster_project import control_room
        from dagster_project.commands import whose
        from dagster_project.fleet_folder import FleetFolder
        from dagster_project.options import Options
        from dagster_project.preparation import prepare

        options = Options(config=config, data=data, library=library, output=output, in_place=in_place, sandbox=sandbox)
        is_fleet = FleetFolder(data.absolute()).is_one
        scheduler = (whose.settings(config) if is_fleet else prepare(options).settings).scheduler
        hour, minute = scheduler.hour_minute
        when = voice.words("serve.when", time=f"{hour:02}:{minute:02}", zone=scheduler.timezone)
        when = when if scheduler.enabled else voice.words("serve.when.off")
        if install:
            return _install(voice, options, host, port, when)
        voice.tell("serve.shows", address=f"http://{host}:{port}", when=when)
        voice.tell("serve.ends")
        return control_room.serve(options, host=host, port=port)

    spoken(voice, start)


def arguments(options: Options, host: str, port: int) -> list[str]:
    """The words that start the same thing from anywhere: what was given, every path absolute."""
    words = ["serve"]
    for name in ("library", "config", "data", "output"):
        path = getattr(options, name)
        if path is not None:
            words += [f"--{name}", str(path.expanduser().absolute())]
    words += ["--in-place"] * options.in_place + ["--sandbox"] * options.sandbox
    return [*words, "--host", host, "--port", str(port)]


def _install(voice: Voice, options: Options, host: str, port: int, when: str) -> int:
    from dagster_project import service_unit
    from dagster_project.preparation import DEFAULT_CONFIG

    if options.config is None and DEFAULT_CONFIG.is_dir():
        options = options.model_copy(update={"config": DEFAULT_CONFIG})
    service = service_unit.place()
    data = options.data.absolute()
    service_unit.install(service, arguments(options, host, port), data, Path.cwd())
    voice.tell("serve.written", path=service.path)
    voice.tell("serve.will", address=f"http://{host}:{port}", when=when)
    for purpose, command in service.commands:
        voice.tell(f"serve.to.{purpose}")
        voice.say(f"  {command}")
    voice.tell("serve.health", file=data / "health.json")
    return 0


def _uninstall(voice: Voice) -> int:
    from dagster_project import service_unit

    service = service_unit.place()
    if not service_unit.uninstall(service):
        voice.tell("serve.not_there", path=service.path)
        return 0
    voice.tell("serve.removed", path=service.path)
    voice.tell("serve.if_running")
    stop = dict(service.commands)["stop"]
    voice.say(f"  {stop}")
    return 0
