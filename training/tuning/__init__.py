"""What ``training.tune`` is made of.

::

    plan.py       the settings to try, from [tune] of a config, all checked before anything runs
    trial.py      one trial: a short training with some settings changed
    search.py     which trial comes next, and what became of each: Optuna and its store, known nowhere else
    runners.py    trials one after the other here, or several at once in processes
    ray_engine.py trials on a Ray cluster; the files ray_*.py alone know Ray, and are imported when it is asked for
    ray_tune.py   what Ray Tune is given: our search as its searcher, ASHA as its scheduler
    ray_desk.py   what Ray Tune asks and tells, passed to the search
    ray_trial.py  a trial's end of it, on any node
    results.py    results.json
    table.py      results on the console
    plots.py      results as pictures
"""
