"""Retraining: data sets as published in, a model file with its card out; never imports ``app``.

Needs the extra ``train``.
"""
