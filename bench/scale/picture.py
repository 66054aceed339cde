#!/usr/bin/python3
"""Makes docs/scale.svg of the first table of "Many connections" in bench/README.md: for each
server the CPU time of a request and the memory of a connection. Prints it with `--print`.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
README = f"{ROOT}/bench/README.md"
PICTURE = f"{ROOT}/docs/scale.svg"
COLUMN = "1,000"

WIDTH, NAMES, ROW, TOP, BAR = 760, 150, 20, 56, 12
PANELS = [(NAMES + 10, 290), (NAMES + 370, 190)]  # where each begins, and the longest bar

# Both colours of each are readable where the colour scheme is not known.
STYLE = """
    text { font: 12px sans-serif; fill: #1f2328 }
    .title { font-weight: bold }
    .ground { fill: #ffffff }
    .bar { fill: #8c959f }
    .own { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ground { fill: #0d1117 }
      .bar { fill: #6e7681 }
      .own { fill: #4493f8 }
    }
"""


def number(cell):
    """The number at the beginning of a cell; None for one that was not measured."""
    found = re.match(r"[\d,]+(\.\d+)?", cell)
    return float(found.group().replace(",", "")) if found else None


def rows():
    """For each server: its name, the CPU time of a request, the bytes of a connection."""
    with open(README, encoding="utf-8") as file:
        section = file.read().split("<!-- begin of bench-scale -->")[1]
    lines = [line for line in section.split("\n\n")[2].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    column = cells[0].index(COLUMN)
    return [(row[0], number(row[column]), number(row[-1])) for row in cells[2:]]


def text(x, y, words, style="", anchor="start"):
    style = f' class="{style}"' if style else ""
    return f'  <text x="{x}" y="{y}"{style} text-anchor="{anchor}">{words}</text>'


def picture():
    servers = rows()
    height = TOP + ROW * len(servers) + 12
    titles = [f"CPU time of a request, {COLUMN} connections (C = 1)", "bytes of a connection"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img">',
        "  <title>Echo servers with many connections; shorter is better</title>",
        f"  <style>{STYLE}  </style>",
        f'  <rect class="ground" width="{WIDTH}" height="{height}"/>',
        text(10, 20, "Echo servers on one core; shorter is better"),
    ]
    for (start, room), title, place in zip(PANELS, titles, (1, 2)):
        parts.append(text(start, 44, title, "title"))
        longest = max(server[place] or 0 for server in servers)
        for count, server in enumerate(servers):
            y = TOP + ROW * count
            if place == 1:
                parts.append(text(NAMES, y + BAR, server[0], "", "end"))
            value = server[place]
            if value is None:
                parts.append(text(start, y + BAR, "not measured"))
                continue
            length = max(1, round(room * value / longest))
            style = "own" if server[0].startswith("bsdsocket") else "bar"
            parts.append(f'  <rect class="{style}" x="{start}" y="{y + 2}" width="{length}" height="{BAR}"/>')
            shown = f"{value:.2f}" if place == 1 else f"{value:,.0f}"
            parts.append(text(start + length + 5, y + BAR, shown))
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(picture())
    else:
        with open(PICTURE, "w", encoding="utf-8") as made:
            made.write(picture())
