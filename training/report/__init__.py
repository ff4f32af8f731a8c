"""A run as one HTML file that opens from disk: everything in it, nothing fetched.

::

    run_folder.py     what a run left behind, read with patience: anything may be missing
    words.py          numbers as texts
    charts.py         drawings in SVG, in the page's own colours
    curves.py         how the training went
    scores.py         how well the model reads: headline, confusion, classes, calibration, groups, end to end
    second_check.py   the model run once more, on pictures that it learned from and on ones that it did not
    verdict.py        what the figures mean, in a paragraph
    sweeps.py         the tune step's results
    comparison.py     beside other runs, the student report and the field
    field_figures.py  the field's published figures, with sources
    inside.py         pictures of the network
    origins.py        commands, versions, hashes, times
    write.py          all of it, through templates/, into the file
"""

from .write import write_report

__all__ = ["write_report"]
