"""What ``training.tune`` is made of.

::

    plan.py       the settings to try, from [tune] of a config, all checked before anything runs
    trial.py      one trial: a short training with some settings changed
    search.py     which trial comes next, and what became of each: Optuna and its store, known nowhere else
    runners.py    trials one after the other here, or several at once in processes
    results.py    results.json
    table.py      results on the console
    plots.py      results as pictures
"""
