"""People, tools and robots, told apart by the name that a program gives itself."""

from __future__ import annotations

import pytest

from ckanext.maroc_usage.agents import agent_class

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
)
ANDROID = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"

PEOPLE = (
    f"{WINDOWS} Chrome/130.0.0.0 Safari/537.36",
    f"{WINDOWS} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
    f"{WINDOWS} Chrome/128.0.0.0 Safari/537.36 OPR/114.0.0.0",
    f"{WINDOWS} Chrome/94.0.4606.71 Safari/537.36 Core/1.94.225.400 QQBrowser/12.2",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 14; SM-A546E) {ANDROID}",
    f"Mozilla/5.0 (Linux; Android 13; motorola edge 30) {ANDROID}",
    f"Mozilla/5.0 (Linux; Android 11; CUBOT X30) {ANDROID}",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; .NET CLR 3.5.30729)",
)
TOOLS = (
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Python-urllib/3.11",
    "Python/3.11 aiohttp/3.10.5",
    "python-httpx/0.27.2",
    "ckanapi/4.8 (+https://github.com/ckan/ckanapi)",
    "R (4.4.1 x86_64-pc-linux-gnu x86_64 linux-gnu)",
    "libcurl/8.5.0 r-curl/5.2.1 httr/1.4.7",
    "RStudio Desktop (2024.9.0.375); R (4.4.1 x86_64-w64-mingw32)",
    "Mozilla/5.0 QGIS/33411/Windows 11 Version 2009",
    "GDAL/3.8.4",
    "Java/17.0.12",
    "Apache-HttpClient/4.5.14 (Java/17.0.12)",
    "okhttp/4.12.0",
    "Go-http-client/2.0",
    "node",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "axios/1.7.7",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Excel 16.0.17928; Pro)",
    "Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "LibreOffice/24.2",
    "Mozilla/5.0 (compatible; GoogleDocs; apps-spreadsheets; +http://docs.google.com)",
    "PostmanRuntime/7.42.0",
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; fr-FR) WindowsPowerShell/5.1.22621",
    "duckdb/v1.1.3(linux_amd64) cli",
)
ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)",
    "Mozilla/5.0 (compatible; PerplexityBot/1.0; +https://perplexity.ai/bot)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; Baiduspider/2.0)",
    f"{WINDOWS} HeadlessChrome/130.0.0.0 Safari/537.36",
    "Scrapy/2.11.2 (+https://scrapy.org)",
    "my-crawler written with python-requests/2.32",
    "",
)


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_browser_is_a_person(agent: str):
    assert agent_class(agent) == "regular"


@pytest.mark.parametrize("agent", TOOLS)
def test_what_fetches_data_for_someone_is_a_tool(agent: str):
    assert agent_class(agent) == "machine"


@pytest.mark.parametrize("agent", ROBOTS)
def test_what_wanders_alone_is_a_robot(agent: str):
    assert agent_class(agent) == "robot"


@pytest.mark.parametrize("agent", [*PEOPLE, *TOOLS, *ROBOTS])
def test_capitals_change_nothing(agent: str):
    assert agent_class(agent.upper()) == agent_class(agent.lower())


def test_a_name_without_end_costs_no_more_than_a_long_one():
    assert agent_class("curl/8 " + "x" * 100_000) == "machine"


def test_the_tables_hold_more_agents_than_the_standard_s_study():
    assert len({*PEOPLE, *TOOLS, *ROBOTS}) >= 33
