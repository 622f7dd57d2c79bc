"""The pages in a real browser: Chromium or Chrome without a window, with the driver of the same system."""

import shutil

import pytest

from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page.comparison_page import write_comparison
from neural_sculpting.views.page.sweep_page import write_report
from neural_sculpting.views.pictures.trial_pictures import picture_of

webdriver = pytest.importorskip("selenium.webdriver")

from selenium.webdriver.common.by import By  # noqa: E402  # after the check that it is there
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--force-prefers-reduced-motion",
    "--window-size=1200,900",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Chromium or Chrome, and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield running
    running.quit()


@pytest.fixture
def report(groups, save, tmp_path):
    return write_report(Sweep.open(save(groups, tmp_path / "sweep")), tmp_path / "report.html").as_uri()


@pytest.fixture
def shown(browser, report):
    """Open the page, with `part` after the file in its address; afterwards the browser must have logged no error."""

    def show(part="", width=1200, page=report, scripts=True):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get("about:blank")
        browser.get(page + part)
        if scripts:
            WebDriverWait(browser, 10).until(lambda page: page.find_element(By.ID, "shown").text)
        return browser

    yield show
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []


def cards(browser):
    return browser.find_elements(By.CSS_SELECTOR, "#gallery button")


def seeds(browser):
    return [int(title.text.split()[1]) for title in browser.find_elements(By.CSS_SELECTOR, "#gallery .title")]


def choose(browser, name, label):
    Select(browser.find_element(By.NAME, name)).select_by_visible_text(label)


def large(browser):
    return browser.find_element(By.ID, "large")


def test_failures_come_first_and_pictures_show(shown, groups):
    browser = shown()
    outcomes = [badge.text for badge in browser.find_elements(By.CSS_SELECTOR, "#gallery .outcome")]
    assert len(outcomes) == 12
    successes = sum(int(group.selected_trials["exact"].sum()) for group in groups)
    assert [outcome == "As expected" for outcome in outcomes] == [False] * (12 - successes) + [True] * successes
    drawn = browser.execute_script(
        "return [...document.querySelectorAll('#gallery svg')].map(svg => ["
        "svg.querySelectorAll('.edges path').length, svg.querySelectorAll('circle').length, svg.getBBox().width])"
    )
    assert len(drawn) == 12
    assert all(edges and units > 4 and width > 100 for edges, units, width in drawn)


def test_filters_are_part_of_the_address(shown):
    browser = shown()
    choose(browser, "cell", "boolean_reused uses=8")
    assert seeds(browser) == [1, 2, 3, 4]
    assert browser.find_element(By.ID, "shown").text == "4 of 12 trials"
    browser.find_element(By.NAME, "seed").send_keys("2, 3")
    assert sorted(seeds(browser)) == [2, 3]
    assert "cell=0" in browser.current_url
    browser.find_element(By.CSS_SELECTOR, "#filters [type=reset]").click()
    assert len(cards(browser)) == 12
    assert "#" not in browser.current_url


def test_a_link_shows_the_same_view(shown):
    browser = shown("#outcome=success&order=seed")
    found = seeds(browser)
    assert found == sorted(found)
    assert {badge.text for badge in browser.find_elements(By.CSS_SELECTOR, "#gallery .outcome")} == {"As expected"}
    assert Select(browser.find_element(By.NAME, "outcome")).first_selected_option.text.startswith("As expected")
    browser = shown("#layers=4-24-16&trial=1")
    assert len(cards(browser)) == 4
    assert browser.find_element(By.ID, "large-title").text == "boolean_reused uses=8 · seed 2 · 4-24-16"


def test_an_address_that_cannot_be_decoded_shows_all_trials(shown, groups):
    assert len(seeds(shown("#%"))) == len(seeds(shown()))


def test_a_reason_links_to_its_trials(shown):
    browser = shown()
    link = browser.find_element(By.CSS_SELECTOR, ".failures a")
    count = int(link.find_element(By.CLASS_NAME, "count").text)
    link.send_keys(Keys.ENTER)
    WebDriverWait(browser, 5).until(lambda page: len(cards(page)) == count)


def test_the_large_view_opens_and_closes_by_keyboard(shown):
    browser = shown()
    until = WebDriverWait(browser, 5).until  # what a key does need not be over when it has been sent
    first, second = cards(browser)[:2]
    first.send_keys(Keys.ENTER)
    until(lambda page: large(page).get_attribute("open"))
    texts = large(browser).text
    assert "The sculpted network" in texts
    assert "Its hierarchy" in texts
    assert "Expected" in texts
    pictures = large(browser).find_elements(By.TAG_NAME, "svg")
    assert len(pictures) == 4  # network, its hierarchy, the expected one, the attempts
    assert all(picture.size["height"] > 30 for picture in pictures)
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    until(lambda page: f"trial={second.get_attribute('data-job')}" in page.current_url)
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    until(lambda page: not large(page).get_attribute("open"))
    until(lambda page: "trial" not in page.current_url)
    job = second.get_attribute("data-job")
    until(lambda page: page.switch_to.active_element.get_attribute("data-job") == job)


@pytest.mark.parametrize("part", ["", "#trial=0"])
def test_a_phone_shows_it_without_scrolling_sideways(shown, part):
    browser = shown(part, width=360)
    assert browser.execute_script("return innerWidth") == 360
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    if part:
        assert browser.execute_script("return document.getElementById('large').scrollWidth") <= 360


TEXT_SIZES = """
return [...document.querySelectorAll("svg text")].filter((text) => text.checkVisibility()).map((text) => {
  const { a, b, c, d } = text.getScreenCTM();
  return Math.sqrt(Math.abs(a * d - b * c)) * parseFloat(getComputedStyle(text).fontSize);
});"""


@pytest.mark.parametrize("part", ["", "#trial=6"])
@pytest.mark.parametrize("width", [1280, 390])
def test_all_text_of_pictures_is_at_least_10_px_high(shown, part, width):
    sizes = shown(part, width=width).execute_script(TEXT_SIZES)
    assert len(sizes) > 20
    assert min(sizes) >= 9.99


@pytest.mark.parametrize("width", [1280, 390])
def test_the_consensus_is_the_largest_picture_of_a_sweep(shown, groups, save, tmp_path, width):
    page = write_report(Sweep.open(save(groups[1:], tmp_path / "one")), tmp_path / "one.html").as_uri()
    areas = shown(width=width, page=page).execute_script(
        "return [...document.querySelectorAll('svg:not(.interval)')].filter((svg) => svg.checkVisibility())"
        ".map((svg) => [svg, svg.getBoundingClientRect()])"
        ".map(([svg, box]) => [!!svg.closest('.found'), box.width * box.height])"
    )
    assert [is_found for is_found, area in areas if area == max(area for _, area in areas)] == [True]


def test_both_phases_of_pruning_fit_a_phone(shown):
    right = shown(width=390).execute_script(
        "return [...document.querySelectorAll('.phases svg')].map((svg) => svg.getBoundingClientRect().right)"
    )
    assert len(right) == 4  # of two cells
    assert max(right) <= 390


@pytest.mark.parametrize(("size", "drawn"), [((1600, 1000), (1600, 1000)), ((390, 844), (960 * 10 / 12.1, 844))])
def test_a_saved_picture_fills_the_window_and_stays_legible(browser, groups, tmp_path, size, drawn):
    """On a phone it scrolls: its smallest text, the letters of 12.1 px, has 10 px there."""
    trial = groups[1].trials.iloc[0]
    file = tmp_path / "trial.svg"
    file.write_text(picture_of(groups[1], trial), encoding="utf-8")
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(file.as_uri())
    found = browser.execute_script(
        "const box = document.documentElement.getBoundingClientRect(); return [box.width, box.height]"
    )
    assert found == pytest.approx(drawn, abs=16)  # with a scroll bar
    assert min(browser.execute_script(TEXT_SIZES)) >= 9.99
    browser.get("data:text/html,<meta charset=utf-8><img>")
    natural = browser.execute_async_script(
        "const [source, done] = arguments, image = document.images[0];"
        "image.onload = () => done([image.naturalWidth, image.naturalHeight, image.clientWidth]);"
        "image.src = 'data:image/svg+xml,' + encodeURIComponent(source);",
        file.read_text(encoding="utf-8"),
    )
    assert natural == [960, 567, 960]


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(23, 28, 34)")])
def test_the_colors_follow_the_preferred_scheme(shown, browser, scheme, paper):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    page = shown()
    assert computed(page, ".cell", "backgroundColor") == paper
    assert computed(page, ".cell svg.hierarchy rect", "fill") == paper


def computed(page, selector, name):
    return page.execute_script(f"return getComputedStyle(document.querySelector('{selector}')).{name}")


def test_without_scripts_a_note_replaces_the_pictures(shown, browser):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = shown(scripts=False)
        assert "drawn by a script" in page.find_element(By.CSS_SELECTOR, "noscript").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_two_sweeps_side_by_side(shown, groups, save, tmp_path):
    folders = [save([group], tmp_path / name) for group, name in zip(groups, ("one", "other"), strict=True)]
    page = write_comparison([Sweep.open(folder) for folder in folders], tmp_path / "comparison.html").as_uri()
    browser = shown(width=360, page=page, scripts=False)
    assert browser.execute_script("return innerWidth") == 360
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    assert len(browser.find_elements(By.CSS_SELECTOR, "svg.hierarchy")) == 1
    assert "No consensus: 2 different hierarchies in 4 trials." in browser.find_element(By.CLASS_NAME, "pair").text
