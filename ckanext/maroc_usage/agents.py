"""Who asks: a person's browser, a tool that fetches data, or a robot.

COUNTER's own list (package ``counter-robots``) is split in robots, which are left out,
and machines, which must be counted and reported apart. It is compiled here without
regard to case, as the standard advises, and after a small table of data tools: the list
of robots names curl, Python and okhttp too, and people fetch open data with them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import counter_robots

AgentClass = Literal["regular", "machine", "robot"]
# Each has a letter, in records and in the table of events.
CLASS_CODES: dict[AgentClass, str] = {"regular": "p", "machine": "m", "robot": "r"}

# What people fetch data with. Each is looked for at the start of a word.
DATA_TOOLS = (
    # command line
    r"curl/",
    r"wget",
    r"aria2/",
    r"httpie",
    r"xh/\d",
    # Python
    r"python",
    r"ckanapi",
    r"aiohttp",
    r"pandas",
    r"urllib",
    # R, Julia, statistics
    r"r \(\d",
    r"r/\d",
    r"httr",
    r"r-curl",
    r"rstudio",
    r"julia",
    r"stata",
    r"matlab",
    r"sas/",
    r"knime",
    # Java, .NET, Go, JavaScript, Rust, Perl, PHP, Ruby
    r"java/\d",
    r"java-http-client",
    r"apache-httpclient",
    r"okhttp",
    r"jersey/",
    r"reactornetty",
    r"restsharp",
    r"windowspowershell",
    r"powershell/",
    r"go-http-client",
    r"node",
    r"undici",
    r"axios",
    r"deno/",
    r"bun/\d",
    r"reqwest",
    r"libwww-perl",
    r"guzzlehttp",
    r"faraday",
    # spreadsheets and dashboards
    r"microsoft office",
    r"microsoft\.data\.mashup",
    r"ms-office",
    r"excel",
    r"powerbi",
    r"power bi",
    r"libreoffice",
    r"googledocs",
    r"google-apps-script",
    r"tableau",
    r"talend",
    r"openrefine",
    # maps and databases
    r"qgis",
    r"gdal/",
    r"arcgis",
    r"duckdb",
    # to try an API
    r"postman",
    r"insomnia",
    r"bruno",
)

# Ordinary browsers in whose name the list finds a robot: telephones of Motorola
# (« motor ») and Cubot (« bot »), the Chromium core of Chinese browsers (« core »).
NOT_ROBOTS = (r"motorola", r"\bcubot", r"\bcore/\d[\d.]*")

# Written with each day, so that an old number can be explained.
LISTS = f"counter-robots {counter_robots.__version__}, data tools 1"

# An agent longer than this is no browser's; the rest does not change its class.
LONGEST = 512


def _counter(file: str) -> str:
    text = files("counter_robots").joinpath("data", file).read_text("utf-8")
    return "|".join(line for line in text.splitlines() if line)


_TOOLS = re.compile(rf"(?<![a-z])(?:{'|'.join(DATA_TOOLS)})", re.IGNORECASE)
_MACHINES = re.compile(_counter("machine.txt"), re.IGNORECASE)
_ROBOTS = re.compile(_counter("robot.txt"), re.IGNORECASE)
_BROWSERS = re.compile("|".join(NOT_ROBOTS), re.IGNORECASE)
# A robot says so in its name, whatever it is written with.
_SAYS_ROBOT = re.compile(r"bot\b|crawl|spider", re.IGNORECASE)


def agent_class(agent: str) -> AgentClass:
    """Return the class of a User-Agent header; decided once for each distinct one."""
    return _agent_class(agent[:LONGEST])


@lru_cache(maxsize=4096)
def _agent_class(agent: str) -> AgentClass:
    agent = _BROWSERS.sub("", agent)
    if _SAYS_ROBOT.search(agent):
        return "robot"
    if _TOOLS.search(agent) or _MACHINES.search(agent):
        return "machine"
    if _ROBOTS.search(agent):
        return "robot"
    return "regular"
