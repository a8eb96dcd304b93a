"""Huying 呼应: every call answered, every answer checked (有呼必应)."""

__version__ = "0.1.0"
