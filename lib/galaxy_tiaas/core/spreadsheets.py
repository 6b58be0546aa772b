"""Texts of strangers in files that are opened with spreadsheet programs."""

#: With these begins what such a program takes for a formula; a tab or line break may come before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_text(cell: object) -> str:
    """A cell that no program takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
