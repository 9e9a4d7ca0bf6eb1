"""For maintainers: makes the web font of formulas from the whole STIX Two Math.

``npm pack @fontsource/stix-two-math@5.3.0``, unpack it, then
``python -m bookkit.web.subset_font package/files/stix-two-math-latin-400-normal.woff2``.
Needs fonttools and brotli. Brackets and roots grow from parts, which the subset keeps by way of the MATH table.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

TARGET = Path(__file__).parent / "static" / "fonts" / "stix-two-math.woff2"
#: What the formulas of a biology book need, by blocks; wider than what stands in it now.
RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1: × ÷ ± · and accented letters of names
    (0x0131, 0x0131),  # dotless i
    (0x0237, 0x0237),  # dotless j
    (0x02C6, 0x02DD),  # spacing accents
    (0x0300, 0x0338),  # accents
    (0x0391, 0x03F6),  # Greek
    (0x2010, 0x2064),  # dashes, primes, spaces, invisible operators
    (0x20D0, 0x20EF),  # arrows and bars over letters
    (0x2102, 0x2138),  # letter-like: ℝ ℓ ℏ
    (0x2190, 0x21D5),  # arrows
    (0x21CB, 0x21CC),  # reaction arrows
    (0x2200, 0x22FF),  # operators
    (0x2308, 0x230B),  # floor and ceiling
    (0x239B, 0x23E1),  # parts of brackets, over- and underbraces
    (0x25A0, 0x25CB),  # shapes
    (0x27C2, 0x27C2),  # perpendicular
    (0x27E6, 0x27EF),  # angle brackets
    (0x27F5, 0x27FA),  # long arrows
    (0x2A00, 0x2A06),  # large operators
    (0x2A7D, 0x2A7E),  # slanted ≤ ≥
    (0xFE00, 0xFE00),  # chooses between two script alphabets
    (0x1D400, 0x1D4CF),  # bold, italic, bold italic, script
    (0x1D504, 0x1D537),  # Fraktur
    (0x1D538, 0x1D56B),  # double-struck
    (0x1D5A0, 0x1D5D3),  # sans-serif
    (0x1D670, 0x1D71B),  # typewriter, Greek bold and italic
    (0x1D7CE, 0x1D7D7),  # bold digits
)
#: Script sizes, dotless letters under accents, flat accents over capitals, and the placing of accents.
FEATURES = ("ssty", "dtls", "flac", "ccmp", "mark", "mkmk")


def make(source: Path, target: Path = TARGET) -> None:
    """Write the subset of a whole font.

    Parameters
    ----------
    source : Path
        STIX Two Math, with a MATH table.
    target : Path
        The woff2 file to write.
    """
    options = subset.Options(
        flavor="woff2", hinting=False, layout_features=list(FEATURES), name_IDs=["*"], notdef_outline=True
    )
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={code for first, last in RANGES for code in range(first, last + 1)})
    subsetter.subset(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, str(target), options)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
