"""The page in a real browser: run by `.ci/browser`, which has Chromium and axe-core."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganeval
from ganeval.features import extract
from ganeval.report.page import Images, Pictured, Scores, read_beside, write_report
from ganeval.suites import ScoresFile

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]  # selenium's

HOSTILE = "<script>document.title='taken'</script>"
DESKTOP, PHONE = (1200, 900), (390, 844)


@pytest.fixture(scope="module")
def page(tmp_path_factory, beside_files):
    """The file of a report on two models with two classes and two channels, an audit and more."""
    root = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    pictured = {}
    for name, shift in (("real", 0), ("good", 0), (HOSTILE, 60)):
        folder = root / f"set{len(pictured)}"
        for label in ("left", "right"):
            (folder / label).mkdir(parents=True)
            for i in range(40):
                pixels = rng.integers(0, 150, (6, 8, 3), dtype=np.uint8) + np.uint8(shift)
                pixels[..., 2] = 0
                Image.fromarray(pixels).save(folder / label / f"{i}.png")
        source = ganeval.open_images(folder)
        pictured[name] = Pictured(source, extract(source, "pixels"))
    file = ScoresFile(root / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    real = pictured.pop("real")
    fakes = {name: one.features for name, one in pictured.items()}
    metrics = ("kid", "prdc", "c2st", "intra-kid")
    ganeval.evaluate(real.features, fakes, metrics=metrics, each=keep)
    files, beside = read_beside([file.path, *beside_files])
    images = Images(real, pictured)
    write_report(Scores.read(files), root / "report.html", images=images, beside=beside)
    return root / "report.html"


def opened(browser, page, size=DESKTOP, scheme="light"):
    browser.set_window_size(*DESKTOP)
    if size == PHONE:
        screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    media = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in media.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.as_uri())
    return browser


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_it_opens_from_disk_without_errors_or_requests_and_fits_the_screen(browser, page, size):
    opened(browser, page, size)
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"
    ]
    assert {url for url in asked if not url.startswith("data:")} == {page.as_uri()}
    wide = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    assert browser.title != "taken"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(browser, page, size, scheme):
    opened(browser, page, size, scheme)
    browser.execute_script(Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run().then(done);"
    )
    assert len(found["passes"]) > 20
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == [], [(v["id"], v["nodes"][0]["html"][:200]) for v in serious]


def test_a_click_on_a_head_sorts_and_another_turns_it_round(browser, page):
    opened(browser, page)
    head = browser.find_element("css selector", "table.sortable th:nth-child(2) button")
    column = "table.sortable tbody td:nth-child(2)"

    def values():
        cells = browser.find_elements("css selector", column)
        return [float(cell.get_attribute("data-sort")) for cell in cells]

    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", head)
    head.click()
    up = values()
    head.click()
    assert up == sorted(up) and values() == up[::-1] and len(set(up)) == 3
    assert head.find_element("xpath", "..").get_attribute("aria-sort") == "descending"


def test_the_mark_under_the_pointer_says_its_value(browser, page):
    from selenium.webdriver import ActionChains

    opened(browser, page)
    mark = browser.find_element("css selector", "#intervals .chart path[aria-label^='good: KID']")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    ActionChains(browser).move_to_element(mark).perform()
    tip = browser.find_element("id", "tip")
    assert tip.is_displayed() and tip.text == mark.get_attribute("aria-label")


def test_tables_charts_and_pictures_of_audits_and_explanations_stay_in_the_page(browser, page):
    opened(browser, page, PHONE)
    for id in ("audit-0", "explanation-0"):
        section = browser.find_element("id", id)
        assert section.find_elements("css selector", "tbody tr")
        for shown in section.find_elements("css selector", ".scroll, img"):
            box = shown.rect
            assert box["height"] > 20 and box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]
    mark = browser.find_element("css selector", "#audit-0 .chart path[aria-label^='blur, 2 px']")
    assert "noticed" in mark.get_attribute("aria-label")


def test_a_channel_can_be_shown_alone(browser, page):
    opened(browser, page)
    gallery = browser.find_element("css selector", "section.gallery")
    shown = (
        "return [...arguments[0].querySelectorAll('img')]"
        ".filter(x => !x.hidden).map(x => x.dataset.view)"
    )
    before = browser.execute_script(shown, gallery)
    button = gallery.find_element("css selector", "input[value='2']")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    after = browser.execute_script(shown, gallery)
    assert set(before) == {"0"} and set(after) == {"2"} and len(before) == len(after) > 20


def test_the_table_and_a_figure_can_be_saved(browser, page, tmp_path):
    from selenium.webdriver.support.wait import WebDriverWait

    opened(browser, page)
    for selector in ("a[download='scores.csv']", "#intervals button.save"):
        element = browser.find_element("css selector", selector)
        browser.execute_script("arguments[0].click()", element)
    wait = WebDriverWait(browser, 20)
    wait.until(lambda _: (tmp_path / "scores.csv").exists() and list(tmp_path.glob("*.svg")))
    assert (tmp_path / "scores.csv").read_text().startswith("model,metric,value")
    (drawn,) = tmp_path.glob("*.svg")
    assert "KID" in drawn.read_text(encoding="utf-8")
