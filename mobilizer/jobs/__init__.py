"""Jobs: work that takes longer than a request. It is asked for, done by a worker, and its file is fetched later.

A step to the right that has such work says so once, and knows nothing of workers:

    KIND = Kind(
        name="participation-export",            kept in the table, in the journal: kebab-case
        label=N_("Participation"),              what it is, on the page of one's files
        needs=lambda arguments: [(Permission.PARTICIPATION_READ, place(arguments["unit"]))],
        work=write,                             write(task: Task) -> None
    )

and create_app declares it (`kinds.declare(exporting.KIND)`). In a view's command it is asked for:

    job_id = jobs.ask("participation-export", {"unit": "320507"}, file_name="参与统计.xlsx", media_type="...",
                      by=web.actor(), language=languages.current(), now=now)
    -> web.Done(N_("..."), url_for("jobs.one", job_id=job_id))

`arguments` are plain JSON and hold nothing about a person that the journal may not hold. The view checks what the kind needs
before it asks; it is checked again, for the asker's appointments of that moment, when the work begins and whenever the file is
fetched. (permission, thing): a thing that is None, because it is no longer there, allows nothing.

The work is given a `Task`: it writes the file at `task.path`, in the asker's language (Flask-Babel), and calls
`task.tell(done, total)` now and then, as often as it likes: progress is written once a second at most, and where somebody has
cancelled it the call raises `Stopped`, which the work lets pass. It reads and commits as it likes (`begin_write()`), but does not
call `tell` in the middle of a write. It may be done again from its beginning, where a worker died of it: what it writes to the
database must be able to bear that. Its refusal (`Refused`) is told to the asker in its words.

The file lies in the instance folder for a day. Servers on several machines share that folder, or only the machine that has it
answers for it.
"""
