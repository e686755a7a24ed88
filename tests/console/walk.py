"""Opens every page that links lead to, and says which rows of the table were never reached."""

import collections
import re
from urllib.parse import parse_qsl, urlsplit

# Of pages that differ in a name only.
OF_A_KIND = 400
# What is downloaded, or never ends.
NO_PAGE = re.compile(r"^/(api/|export|.*\.(css|js|json|jsonl|cef|ndjson)$|.*/(stream|events|live\.sse|export)\b)")


def rows(path):
    """The pages of the table: patterns of paths, as the table has them."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    return [line[1] for line in lines if line[0] == "GET" and line[2] == "session"]


def row_of(path, patterns):
    """The most literal pattern that the path is of."""
    fitting = []
    for pattern in patterns:
        parts = [re.escape(part) if part != "*" else "[^/]+" for part in pattern.split("/")]
        if re.fullmatch("/".join(parts), path):
            fitting.append(pattern)
    return min(fitting, key=lambda pattern: pattern.count("*"), default=None)


def kind(link, patterns):
    parts = urlsplit(link)
    asked = "&".join(sorted({name for name, value in parse_qsl(parts.query) if value}))
    return f"{row_of(parts.path, patterns) or parts.path}{'?' + asked if asked else ''}"


def walk(tab, patterns, of_a_kind=OF_A_KIND, visit=lambda tab, link: None):
    """Gives one link of each kind, and the kinds."""
    queue, known = collections.deque(["/"]), {"/"}
    kinds = collections.OrderedDict()
    opened = collections.Counter()
    while queue:
        link = queue.popleft()
        what = kind(link, patterns)
        opened[what] += 1
        if opened[what] > of_a_kind:
            continue
        status = tab.open(link)
        if status >= 400:
            tab.problem(f"a link that answers {status}")
            continue
        kinds.setdefault(what, link)
        visit(tab, link)
        for found in tab.links():
            found = found.split("#")[0]
            if found not in known and not NO_PAGE.match(urlsplit(found).path):
                known.add(found)
                queue.append(found)
    return kinds
