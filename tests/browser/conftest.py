"""A headless Chromium, driven by selenium. `BASEWISE_BROWSER=1`, as CI sets it, makes it a must."""

import os
import shutil

import pytest

OPTIONS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
    *("disable-background-networking", "disable-component-update", "disable-sync"),
    "disable-dev-shm-usage",
)


def missing(text):
    if os.environ.get("BASEWISE_BROWSER"):
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    driver, program = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not program:
        missing("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    try:
        from selenium import webdriver
    except ImportError:
        missing("needs selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for option in (*OPTIONS, f"user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(f"--{option}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(driver)
    with webdriver.Chrome(options=options, service=service) as browser:
        yield browser


@pytest.fixture
def browser(chromium):
    """The browser with an empty log, a wide window and a light screen."""
    chromium.get("about:blank")
    look(chromium)
    for kind in ("browser", "performance"):
        chromium.get_log(kind)
    return chromium


def look(browser, width=1280, media="", scheme="light"):
    """Set the width of the window, and screen or print, light or dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
