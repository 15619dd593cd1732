"""Days as exports write them."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_FORMS: Final = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-Mon-YYYY": "%d-%b-%Y",
}


def midnights(texts: Any, form: str) -> Any:
    """Midnights, without a zone, of texts in a form of config/exports.py.

    Raises: ValueError for what is no day of 2000 to 2099 in this form.
    """
    texts = pc.replace_substring_regex(texts, r"^([0-9]{1,2}[/.][0-9]{1,2}[/.])([0-9]{2})$", r"\1" "20" r"\2")
    coded = texts.dictionary_encode()
    days = pd.to_datetime(pd.Series(coded.dictionary.to_pylist(), dtype="object"), format=_FORMS[form])
    if bool(((days.dt.year < 2000) | (days.dt.year > 2099)).any()):
        raise ValueError
    return pa.array(days, pa.timestamp("us")).take(coded.indices)
