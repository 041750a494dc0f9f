"""The verbs of the `sillon` command, one small file per subject.

Here lives what a verb asks for and how its answer is said. What it does is done elsewhere: by a job, by a function of
`publish/`, or by SQL in the marts. Nothing heavier than typer is imported at the top of these files, because
`sillon --help` must answer at once: everything else is imported inside the verb that needs it.
"""
