"""The site in a real browser, opened from disk: run by `.ci/browser`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]  # selenium's

ROOT = Path(__file__).parents[1]
DESKTOP, PHONE = (1280, 900), (390, 844)
PAGES = ("index", "tutorial", "statistics", "coming-from", "reference/command-line")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder


def opened(browser, page, size=DESKTOP, scheme="light"):
    width, height = size
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    browser.get(page.as_uri())
    return browser


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_pages_open_without_errors_or_network_and_fit_the_screen(browser, site, size):
    for name in PAGES:
        opened(browser, site / f"{name}.html", size)
        assert browser.get_log("browser") == []
        logged = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
        sent = [event for event in logged if event["method"] == "Network.requestWillBeSent"]
        asked = [event["params"]["request"]["url"] for event in sent]
        assert asked and all(url.startswith(("file:", "data:", "blob:")) for url in asked), asked
        wide, screen = browser.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth]"
        )
        assert wide <= screen, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation_on_any_page(browser, site, scheme):
    axe = Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8")
    for name in PAGES:
        opened(browser, site / f"{name}.html", scheme=scheme)
        browser.execute_script(axe)
        found = browser.execute_async_script(
            "const done = arguments[arguments.length - 1]; axe.run().then(done);"
        )
        assert len(found["passes"]) > 15
        serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        assert serious == [], (name, [(v["id"], v["nodes"][0]["html"][:300]) for v in serious])


def test_search_works_from_disk(browser, site):
    from selenium.webdriver.support.ui import WebDriverWait

    opened(browser, site / "index.html")
    browser.find_element("css selector", "input.md-search__input").send_keys("noncentral")
    results = "a.md-search-result__link"
    WebDriverWait(browser, 20).until(lambda b: b.find_elements("css selector", results))
    places = [a.get_attribute("href") for a in browser.find_elements("css selector", results)]
    assert any("statistics.html" in place for place in places)
