"""The report in a real browser, from a file and without a network."""

import json
import re
import time

import numpy as np
import pandas as pd
import pytest
from browser.conftest import look
from made_results import OUTPUTS, TASKS, make_results
from sklearn import metrics as sk

from basewise.report.writing import write_report

BINARY, MULTICLASS = '[id="d.binary.model00"]', '[id="d.multiclass.model00"]'
MOVE = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("made") / "results")


@pytest.fixture(scope="module")
def report(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, **made.arguments)
    return path


@pytest.fixture
def page(browser, report):
    browser.get(report.as_uri())
    return browser


def find(page, selector):
    return page.find_element("css selector", selector)


def wait(page, script, *values, seconds=10):
    """Wait until a JavaScript expression is true, and return its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = page.execute_script(f"return {script}", *values)
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never true: {script}")


def opened(page, model):
    """Open a model's section and wait for its matrix."""
    page.execute_script(
        "const model = document.querySelector(arguments[0]); model.open = true;"
        "model.scrollIntoView()",
        model,
    )
    wait(page, f"document.querySelector('{model} .rates')?.textContent")


def matrix(page, model):
    cells = page.execute_script(
        "return [...document.querySelectorAll(arguments[0] + ' .threshold td')]"
        ".map((cell) => cell.firstChild.textContent)",
        model,
    )
    return [[int(cell.replace(",", "")) for cell in row] for row in (cells[:2], cells[2:])]


def draw_all(page):
    """Open one model of each dataset, no other, and go down the page until all is drawn."""
    page.execute_script(
        "document.querySelectorAll('details.model').forEach((node) =>"
        "node.open = node.id.endsWith('model00'))"
    )
    drawn = "document.querySelectorAll('[open] .drawn')"
    for number in range(page.execute_script(f"return {drawn}.length")):
        place = f"{drawn}[{number}]"
        page.execute_script(f"{place}.scrollIntoView()")
        wait(page, f"{place}.querySelector('.chart > *')")


def test_it_needs_no_network_and_logs_no_error(page):
    draw_all(page)
    events = [json.loads(line["message"])["message"] for line in page.get_log("performance")]
    sent = [e["params"]["request"]["url"] for e in events if e["method"].endswith("BeSent")]
    assert sent and not [url for url in sent if not re.match("file:|data:|blob:", url)]
    assert page.get_log("browser") == []


def test_every_figure_has_words(page):
    draw_all(page)
    figures = page.execute_script(
        "return [...document.querySelectorAll('figure')].filter((node) => node.checkVisibility())"
        ".map((node) => [node.ariaLabel,"
        "node.querySelector('img')?.alt ?? node.querySelector('svg[role=img]')?.ariaLabel])"
    )
    assert len(figures) >= 40
    assert all(label and inner for label, inner in figures)
    labels = [label for label, _ in figures]
    assert any(re.search(r"model00 on binary: ROC curve.*: AUROC 0\.\d+ \(", x) for x in labels)
    unnamed = page.execute_script(
        "return [...document.querySelectorAll('button, select, input, summary')].filter((node) =>"
        "!(node.ariaLabel || node.labels?.length || node.textContent.trim())).length"
    )
    assert unnamed == 0
    levels = page.execute_script(
        "return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((node) => +node.tagName[1])"
    )
    assert levels[0] == 1 and max(np.diff(levels)) == 1


@pytest.mark.parametrize("threshold", [0, 0.29, 0.5, 0.73, 1])
def test_the_slider_gives_the_matrix_of_scikit_learn(page, made, threshold):
    opened(page, BINARY)
    page.execute_script(MOVE, find(page, f"{BINARY} .slide input"), str(threshold))
    truth, score = (values["label"] for values in made.scores["binary", "model00"])
    found = matrix(page, BINARY)
    assert found == sk.confusion_matrix(truth, score > threshold).tolist()
    shown = find(page, f"{BINARY} .rates").text.split("\n")
    rates = dict(zip(shown[::2], map(float, shown[1::2]), strict=True))
    expected = {
        "accuracy": sk.accuracy_score(truth, score > threshold),
        "precision": sk.precision_score(truth, score > threshold, zero_division=0),
        "recall": sk.recall_score(truth, score > threshold),
        "specificity": sk.recall_score(truth, score > threshold, pos_label=0),
        "F1": sk.f1_score(truth, score > threshold),
        "MCC": sk.matthews_corrcoef(truth, score > threshold),
    }
    assert rates == pytest.approx(expected, abs=0.00051)


def test_the_slider_moves_the_line_in_the_picture(page):
    opened(page, BINARY)
    rule = f"{BINARY} [data-kind=scores] svg .mark-rule.role-mark line"
    wait(page, f"document.querySelector('{rule}')")
    ends = []
    for threshold in ("0.2", "0.7"):
        page.execute_script(MOVE, find(page, f"{BINARY} .slide input"), threshold)
        time.sleep(0.2)
        place = find(page, rule).get_attribute("transform")
        ends.append(float(re.findall(r"[\d.]+", place)[0]))
    assert ends == pytest.approx([0.2 * 260, 0.7 * 260], abs=1.5)


def test_a_button_sets_the_threshold_that_validation_chose(page, made):
    opened(page, BINARY)
    buttons = page.find_elements("css selector", f"{BINARY} .buttons button")
    assert buttons[2].text == "highest MCC (0.451)"
    buttons[2].click()
    assert find(page, f"{BINARY} output").text == "0.45"
    truth, score = (values["label"] for values in made.scores["binary", "model00"])
    assert matrix(page, BINARY) == sk.confusion_matrix(truth, score > 0.45).tolist()


def choose(page, model, output):
    page.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))",
        find(page, f"{model} select"),
        output,
    )


def test_another_class_shows_its_own_matrix(page, made):
    opened(page, MULTICLASS)
    truth, score = made.scores["multiclass", "model00"]
    for name in OUTPUTS["multiclass"]:
        choose(page, MULTICLASS, name)
        time.sleep(0.2)
        expected = sk.confusion_matrix(truth[name], score[name] > 0.5).tolist()
        assert matrix(page, MULTICLASS) == expected


def test_a_caption_says_what_is_drawn(page, made):
    summary = made.arguments["results"] / "multiclass/evaluation/model00/summary.tsv"
    table = pd.read_csv(summary, sep="\t").query("part == 'test' and metric == 'auroc'")
    expected = table.set_index("output")["value"].map("AUROC {:.3f} (".format)
    opened(page, MULTICLASS)
    roc = f"{MULTICLASS} [data-kind=roc]"
    page.execute_script("document.querySelector(arguments[0]).scrollIntoView()", roc)
    for name in [*OUTPUTS["multiclass"][1:], OUTPUTS["multiclass"][0]]:
        choose(page, MULTICLASS, name)
        wait(
            page,
            f"document.querySelector('{roc} figcaption').textContent.includes(arguments[0])",
            expected[name],
        )
        drawn = f"document.querySelector('{roc} svg.marks')?.ariaLabel"
        wait(page, f"{drawn}?.includes(arguments[0])", f"; {name}: {expected[name]}")


@pytest.mark.parametrize("task", ["multiclass", "per_position"])
def test_the_calibration_of_all_classes_is_drawn_whatever_class_is_shown(page, task):
    model = f'[id="d.{task}.model00"]'
    opened(page, model)
    figure = f"{model} [data-kind=calibration]"
    page.execute_script("document.querySelector(arguments[0]).scrollIntoView()", figure)
    for name in OUTPUTS[task]:
        choose(page, model, name)
        time.sleep(0.2)
        wait(
            page, f"document.querySelectorAll('{figure} .mark-symbol.role-mark path').length === 30"
        )
    assert "Share of right predictions by the highest score" in find(page, figure).text


def test_no_name_takes_the_place_of_another(browser, tmp_path):
    datasets = dict.fromkeys(["peaks", "peaks-gc", "page"], "binary")
    settings = {"names": ["cnn", "gc-cnn"], "seeds": 1, "epochs": 5, "letters": 9}
    made = make_results(tmp_path / "results", datasets, **settings)
    write_report(tmp_path / "report.html", **made.arguments)
    browser.get((tmp_path / "report.html").as_uri())
    ids = browser.execute_script(
        "return [...document.querySelectorAll('[id]')].map(({ id }) => id)"
    )
    assert len(ids) == len(set(ids))
    for (dataset, model), (truth, score) in made.scores.items():
        place = f'[id="d.{dataset}.{model}"]'
        opened(browser, place)
        expected = sk.confusion_matrix(truth["label"], score["label"] > 0.5).tolist()
        assert matrix(browser, place) == expected


def table_of(page, selector):
    page.execute_script("document.querySelector(arguments[0]).scrollIntoView()", selector)
    wait(page, f"document.querySelector('{selector} tbody tr')")
    return page.execute_script(
        "return [...document.querySelectorAll(arguments[0] + ' tbody tr')].map((row) =>"
        "[...row.cells].map((cell) => cell.dataset.value ?? cell.textContent))",
        selector,
    )


def test_tables_sort_page_filter_and_download(page, tmp_path):
    table = "#run table[data-table=runs]"
    first = table_of(page, table)
    assert len(first) == 25
    tools = "#run .tools:has(+ .scroll [data-table=runs])"
    find(page, f"{tools} .pager button:last-child").click()
    assert len(table_of(page, table)) == 15
    assert "26 to 40 of 40" in find(page, f"{tools} .pager").text

    head = find(page, f"{table} th:nth-child(2)")
    button = find(page, f"{table} th:nth-child(2) button")
    for direction in ("ascending", "descending"):
        button.send_keys("\ue007")  # Enter
        assert head.get_attribute("aria-sort") == direction
        models = [row[1] for row in table_of(page, table)]
        assert models == sorted(models, reverse=direction == "descending")

    find(page, f"{tools} input").send_keys("multilabel")
    rows = table_of(page, table)
    assert len(rows) == 8 and {row[0] for row in rows} == {"multilabel"}
    place = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.execute_cdp_cmd("Browser.setDownloadBehavior", place)
    find(page, f"{tools} button").click()
    end = time.monotonic() + 10
    while not list(tmp_path.glob("*.tsv")) and time.monotonic() < end:
        time.sleep(0.05)
    lines = [line.split("\t") for line in (tmp_path / "runs.tsv").read_text().splitlines()]
    assert lines[0][:4] == ["dataset", "model", "fold", "seed"]
    assert lines[1:] == rows


def test_numbers_sort_as_numbers(page):
    table = "#comparison table[data-table=models]"
    table_of(page, table)
    find(page, f"{table} th:nth-child(6) button").click()
    values = [float(row[5]) for row in table_of(page, table)]
    assert len(values) == 20 and values == sorted(values)


@pytest.mark.parametrize("width", [360, 768])
def test_a_narrow_window_scrolls_down_only(page, width):
    look(page, width)
    draw_all(page)
    inside = "document.documentElement.scrollWidth <= innerWidth"
    assert page.execute_script(f"return innerWidth === {width} && {inside}")


def test_names_are_text(page):
    opened(page, MULTICLASS)
    draw_all(page)
    assert "Made <script>alert(1)</script> & co" in find(page, '[id="d.multiclass"]').text
    assert "leaves the <b>chromosome</b>" in find(page, '[id="d.multiclass"]').text
    assert OUTPUTS["multiclass"][2] in find(page, f"{MULTICLASS} select").text
    assert page.execute_script("return document.querySelectorAll('img[src=x], b, i').length") == 0
    page.execute_script("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=x()>')")
    policy = wait(page, "document.querySelector('meta[http-equiv]').content")
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    scripts = policy.split("script-src")[1].split(";")[0]
    assert "unsafe-inline" not in scripts


CONTRAST = """
const light = (color) => {
  const [r, g, b] = color.match(/[\\d.]+/g).map((x) => x / 255)
    .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (node) => {
  const color = getComputedStyle(node).backgroundColor;
  return color.startsWith('rgba(0, 0, 0, 0') ? behind(node.parentElement) : color;
};
return arguments[0].map((selector) => {
  const node = document.querySelector(selector);
  const [a, b] = [getComputedStyle(node).color, behind(node)].map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
});
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out(page, scheme):
    look(page, scheme=scheme)
    opened(page, BINARY)
    ratios = page.execute_script(
        CONTRAST,
        [
            *("header p", "nav a", "h2", ".card p", "caption", "thead th", "td small"),
            *(".card a", ".count", ".file", ".soft", "code", "footer", f"{BINARY} button"),
        ],
    )
    assert min(ratios) >= 4.5
    dark = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark))) < 200) == (scheme == "dark")


def test_print_leaves_out_what_cannot_be_clicked(page):
    opened(page, BINARY)
    hidden = "return ['nav', '.tools button', '.buttons'].map((name) =>"
    shown = f"{hidden} getComputedStyle(document.querySelector(name)).display !== 'none')"
    assert page.execute_script(shown) == [True] * 3
    look(page, media="print", scheme="dark")
    assert page.execute_script(shown) == [False] * 3
    ink = page.execute_script("return getComputedStyle(document.body).color")
    assert ink == "rgb(0, 0, 0)"


def test_what_stands_open_is_there_before_print(page):
    waiting = (
        "[...document.querySelectorAll("
        "'.drawn .chart:empty, .rates:empty, table.data:not(:has(tbody tr))')]"
        ".every((node) => node.closest('details:not([open])'))"
    )
    wait(page, waiting, seconds=30)
    assert page.execute_script("return scrollY") == 0
    closed = "document.getElementById('d.binary.model01')"
    page.execute_script(f"{closed}.open = true")
    wait(page, f"{closed}.querySelector('svg.marks')")
    wait(page, waiting, seconds=30)


def test_the_keyboard_reaches_the_content(page):
    page.switch_to.active_element.send_keys("\ue004")  # Tab
    skip = page.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys("\ue007")
    assert page.execute_script("return location.hash") == "#content"


def test_a_link_opens_the_model_it_names(page):
    page.execute_script("document.querySelectorAll('details').forEach((node) => node.open = false)")
    page.execute_script("document.querySelector('td a[href=\"#d.binary.model01\"]').click()")
    assert wait(page, "document.getElementById('d.binary.model01').open")


@pytest.mark.slow
def test_thirty_models_on_ten_datasets(browser, tmp_path):
    datasets = {f"data{number}": TASKS[number % len(TASKS)] for number in range(10)}
    settings = {"models": 30, "seeds": 3, "epochs": 50, "letters": 500, "marks": 600}
    made = make_results(tmp_path / "results", datasets, **settings)
    write_report(tmp_path / "report.html", **made.arguments)
    assert (tmp_path / "report.html").stat().st_size < 15_000_000
    browser.get((tmp_path / "report.html").as_uri())
    times = wait(
        browser,
        "performance.getEntriesByType('navigation')[0].loadEventEnd && "
        "[performance.getEntriesByType('navigation')[0].loadEventEnd,"
        "performance.getEntriesByName('first-contentful-paint')[0].startTime]",
    )
    assert max(times) < 2000
    assert table_of(browser, "#overview table")[9][0] == "data9"
