"""A stand-in Sage 50 UK company: it imports staged files the way documents say that Sage does.

A model, built from public documents and never tried against a real Sage 50. It books on its own, by the reference
alone, and shares no rule with the code that makes the rows, so that it is a second opinion on them. What the
documents leave open is a setting (config/sage_facts.py). Docs: docs/sandbox.md.
"""
