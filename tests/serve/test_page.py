"""The page as people use it: real Chromium on a real server."""

import io
import json
import os
import re
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from wallpaint import Repainter
from wallpaint.cli import main
from wallpaint.example import example_room
from wallpaint.mask import read_mask
from wallpaint.mask.select import layers_archive, read_layers
from wallpaint.photo import read_photo
from wallpaint.serve.rooms import OpenRoom

PATIENCE = 120_000  # milliseconds; a busy machine is no fault
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WALL_SPOT = (0.30, 0.30)  # of the sample room's width and height
LATE_ANSWERS = """
const fetched = window.fetch;
window.fetch = async (...asked) => {
  const answer = await fetched(...asked);
  if (!String(asked[0].url ?? asked[0]).includes("/queue/data")) return answer;
  const reader = answer.body.getReader();
  const later = (what) => setTimeout(() => { try { what() } catch { /* nobody listens any more */ } }, 200);
  return new Response(new ReadableStream({
    async start(line) {
      for (;;) {
        const {done, value} = await reader.read();
        later(() => done ? line.close() : line.enqueue(value));
        if (done) return;
      }
    },
    cancel: (why) => reader.cancel(why),
  }), answer);
};
"""


@pytest.fixture
def page(chromium, url):
    """The page, freshly opened; errors in its console fail the test."""
    context = chromium.new_context(viewport=DESKTOP, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{url}/ui/")
    opened.wait_for_selector("#sample")
    yield opened
    context.close()
    assert not errors


def shot(page, name):
    """A screenshot, where WALLPAINT_SCREENSHOTS names a folder to put it."""
    if folder := os.environ.get("WALLPAINT_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(1500)  # pictures are loaded after the words that speak of them
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def hinted(page, words):
    page.wait_for_function("words => document.querySelector('#status').innerText.includes(words)", arg=words)


def open_sample(page):
    page.click("#sample")
    page.wait_for_selector("#canvas img")
    hinted(page, "Click the wall")


def click_at(page, selector, spot):
    picture = page.locator(f"{selector} img").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * spot[0], "y": box["height"] * spot[1]})


def click_wall(page):
    mark(page, WALL_SPOT)
    hinted(page, "press Paint")


def set_color(page, text):
    page.fill("#color textarea, #color input", text)


def paint(page):
    page.click("#paint")
    page.wait_for_selector("#result .badge")
    hinted(page, "Drag the line")


def undo_painting(page):
    page.click("#undo")
    page.wait_for_selector("#result .badge", state="detached")


def undo_mark(page):
    """Take a mark back, and wait until the photo shows the others alone."""
    with another_picture(page):
        page.click("#undo")


def mark(page, spot):
    """Click on the photo, and wait until it shows so."""
    with another_picture(page):
        click_at(page, "#canvas", spot)


@contextmanager
def another_picture(page):
    before = page.evaluate("document.querySelector('#canvas img').src")
    yield
    page.wait_for_function("before => document.querySelector('#canvas img').src !== before", arg=before)


def downloaded(page, link):
    with page.expect_download() as waiting:
        page.click(link)
    return Path(waiting.value.path()).read_bytes()


def pixels_of(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def file_of(content, name="picture.png"):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose_file(page, button, content, name="picture.png"):
    """As a person does, through the browser's own window."""
    with page.expect_file_chooser() as window:
        page.click(button)
    window.value.set_files(file_of(content, name))


def test_photo_click_colour_download(page, tmp_path, capsys, monkeypatch):
    shot(page, "1-start-desktop")
    open_sample(page)
    shot(page, "2-opened-desktop")
    click_wall(page)
    shot(page, "3-wall-desktop")
    set_color(page, "#2F4858")
    paint(page)
    shot(page, "4-painted-desktop")

    picture, mask = tmp_path / "painted.png", tmp_path / "wall.png"
    picture.write_bytes(downloaded(page, "#download-picture"))
    mask.write_bytes(downloaded(page, "#download-mask"))
    report = json.loads(downloaded(page, "#download-report"))

    engine = Repainter().open(example_room()[0], mask).paint("#2F4858")
    assert np.array_equal(pixels_of(picture.read_bytes()), engine.image)

    badge = float(page.get_attribute("#result .badge", "data-delta-e"))
    monkeypatch.setattr("sys.argv", ["wallpaint", "measure", "#2F4858", str(picture), str(mask), "--json"])
    with pytest.raises(SystemExit):
        main()
    measured = json.loads(capsys.readouterr().out)
    assert badge == measured["delta_e_2000_median"] == report["metrics"]["delta_e_2000_median"]
    assert f"ΔE {badge:.2f}" in page.inner_text("#result .badge")


def test_a_slow_line_loses_no_painting(page):
    page.add_init_script(LATE_ANSWERS)
    page.reload()
    open_sample(page)
    click_wall(page)
    for color in ("#2f4858", "#c1440e", "#7a9e7e"):
        set_color(page, color)
        page.click("#paint")
        page.wait_for_selector(f"#result .of:has-text('{color}')", timeout=60_000)


def test_every_picture_on_the_page_is_png(page):
    open_sample(page)
    click_wall(page)
    paint(page)
    sources = page.eval_on_selector_all("#canvas img, #slider img", "all => all.map(each => each.src)")
    assert len(sources) >= 3
    for source in sources:
        assert page.request.get(source).body().startswith(b"\x89PNG"), source


def test_a_photo_of_ones_own_is_loaded_and_its_mask(page, photo, mask, wall_mask, url):
    page.set_input_files("#dropzone input[type=file]", file_of(photo))
    page.wait_for_selector("#canvas img")
    hinted(page, "Click the wall")
    choose_file(page, "#mask", mask)
    hinted(page, "press Paint")
    paint(page)
    stored = Image.open(io.BytesIO(downloaded(page, "#download-mask")))
    assert np.array_equal(np.asarray(stored), wall_mask)


def test_a_file_that_is_not_a_picture_gives_an_error_message(page):
    page.set_input_files("#dropzone input[type=file]", file_of(b"<svg></svg>"))
    page.wait_for_selector("text=an SVG drawing, which has no pixels")


def test_the_checkbox_paints_reflected_light(page):
    open_sample(page)
    click_wall(page)
    page.click("text=Options")
    page.check("#bounce input")
    set_color(page, "#c1440e")
    paint(page)
    shot(page, "10-bounce-desktop")
    painted, mask = (downloaded(page, link) for link in ("#download-picture", "#download-mask"))
    engine = Repainter(bounce=True).open(example_room()[0], mask).paint("#c1440e")
    assert np.array_equal(pixels_of(painted), engine.image)
    assert "Outside the wall: changes up to" in page.inner_text("#result")


def test_undo_takes_back_a_colour_and_then_a_click(page):
    open_sample(page)
    click_wall(page)
    for color in ("#7A9E7E", "#C1440E"):
        set_color(page, color)
        paint(page)
        page.wait_for_selector(f"#result .of:has-text('{color.lower()}')")
    page.click("#undo")
    page.wait_for_selector("#result .of:has-text('#7a9e7e')")
    undo_painting(page)
    undo_mark(page)
    hinted(page, "Click the wall")


@pytest.fixture
def sample_wall(finder_sees):
    """The true wall of the sample room, which the server finds."""
    wall = read_mask(example_room()[1], (576, 768)) > 0.5
    finder_sees(wall, 0.83)
    return wall


def share_of(mask):
    return (np.asarray(Image.open(io.BytesIO(mask)).convert("L")) > 127).mean()


def test_after_clear_the_wall_is_found_when_it_is_painted(page, sample_wall):
    open_sample(page)
    mark(page, WALL_SPOT)
    page.click("#start-over")
    hinted(page, "Click the wall")
    paint(page)
    assert share_of(downloaded(page, "#download-mask")) == pytest.approx(sample_wall.mean(), abs=0.02)


def test_find_the_wall_needs_no_click_and_its_mask_can_be_had(page, sample_wall):
    open_sample(page)
    page.click("#segment")
    page.wait_for_selector("text=confidence 0.83")
    assert share_of(downloaded(page, "#download-mask")) == pytest.approx(sample_wall.mean(), abs=0.02)


def test_a_wall_that_is_not_certain_is_not_painted(page, sample_wall, finder_sees):
    finder_sees(sample_wall, 0.4)
    open_sample(page)
    page.click("#paint")
    page.wait_for_selector("text=no wall was found (confidence")


def test_the_page_opens_on_the_room_that_its_address_names(page, url, service):
    room = service.rooms.keep(OpenRoom(read_photo(example_room()[0])))
    page.goto(f"{url}/ui/?room={room.id}")
    page.wait_for_selector("#canvas img")
    hinted(page, "Click the wall")
    page.goto(f"{url}/ui/?room=unknown")
    page.wait_for_selector("text=No room 'unknown' is open")


def test_an_outline_marks_wall_corner_by_corner(page):
    open_sample(page)
    page.click("#marks label:has-text('Corner')")
    corners = [(0.30, 0.20), (0.40, 0.20), (0.40, 0.35), (0.30, 0.35)]
    for corner in corners:
        mark(page, corner)
    hinted(page, "next corner")
    shot(page, "7-outline-desktop")
    click_at(page, "#canvas", corners[0])
    hinted(page, "press Paint")
    paint(page)
    wall = np.asarray(Image.open(io.BytesIO(downloaded(page, "#download-mask"))))
    assert (wall > 127).mean() == pytest.approx(0.1 * 0.15, rel=0.1)


def test_a_second_wall_gets_a_colour_of_its_own_and_is_taken_back(page):
    open_sample(page)
    click_wall(page)
    set_color(page, "#2F4858")
    paint(page)
    page.click("#next-wall")
    hinted(page, "Click the wall")
    page.click("#marks label:has-text('Corner')")
    for corner in ((0.55, 0.80), (0.75, 0.80), (0.75, 0.95), (0.55, 0.95)):
        mark(page, corner)
    set_color(page, "#C1440E")
    paint(page)
    shot(page, "9-two-walls-desktop")
    layers = read_layers(downloaded(page, "#download-layers"), read_photo(example_room()[0]).shape[:2])
    assert [layer.color.hex for layer in layers] == ["#2f4858", "#c1440e"]
    both = downloaded(page, "#download-picture")
    undo_painting(page)
    for _ in range(4):  # corners
        undo_mark(page)
    page.click("#undo")
    page.wait_for_selector("#result .of:has-text('#2f4858')")
    loaded = layers_archive(layers)
    page.click("#another")
    open_sample(page)
    choose_file(page, "#mask", loaded, "walls.zip")
    page.wait_for_selector("#result .of:has-text('#c1440e')")
    assert downloaded(page, "#download-picture") == both
    undo_painting(page)
    undo_mark(page)
    page.click("#undo")
    page.wait_for_selector("#result .of:has-text('#2f4858')")


def test_long_work_shows_its_steps_and_is_cancelled(page, service, monkeypatch):
    ended = threading.Event()

    def slow_painting(sent, reference, options, job):
        try:
            for step in range(1, 10_000):
                job.report_progress(step, 10_000)
                time.sleep(0.02)
        finally:
            ended.set()

    monkeypatch.setattr(service, "paint", slow_painting)
    open_sample(page)
    click_wall(page)
    page.click("#paint")
    hinted(page, "of 10000")
    shot(page, "8-working-desktop")
    page.click("#cancel")
    hinted(page, "Cancelled")
    assert ended.wait(PATIENCE / 1000)
    page.locator("#cancel").wait_for(state="hidden", timeout=30_000)


def test_the_brush_marks_wall(page):
    from playwright import sync_api as playwright  # the fixture `page` needs it too, and says so where it is missing

    open_sample(page)
    page.click("button[role=tab]:has-text('Brush')")
    canvas = page.locator("#editor canvas").first
    canvas.wait_for()
    page.wait_for_timeout(1500)  # the editor draws its picture some time after it is there
    box = canvas.bounding_box()
    across, down = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.35
    page.mouse.move(across, down)
    page.mouse.down()
    page.mouse.move(across + 60, down + 4, steps=12)
    page.mouse.up()
    shot(page, "5-brush-desktop")
    deadline = time.monotonic() + PATIENCE / 1000
    while "press Paint" not in page.inner_text("#status"):  # the editor sends strokes some time after they are drawn
        assert time.monotonic() < deadline
        with suppress(playwright.TimeoutError):  # a click before takes effect, and the tab changes
            page.click("#brush-add", timeout=3000)
        page.wait_for_timeout(3000)
    paint(page)
    wall = np.asarray(Image.open(io.BytesIO(downloaded(page, "#download-mask"))))
    assert 0.001 < (wall > 127).mean() < 0.2
    assert cv2.connectedComponents((wall > 127).astype(np.uint8))[0] == 2


def test_a_colour_is_taken_from_another_picture(page):
    swatch = io.BytesIO()
    Image.new("RGB", (80, 60), (47, 72, 88)).save(swatch, "PNG")
    open_sample(page)
    page.click("text=Take a colour from another picture")
    choose_file(page, "#other", swatch.getvalue())
    page.wait_for_selector("#eyedropper img")
    click_at(page, "#eyedropper", (0.5, 0.5))
    page.wait_for_function("document.querySelector('#color textarea, #color input').value === '#2f4858'")


def test_a_palette_is_tried_and_one_of_it_painted(page):
    open_sample(page)
    click_wall(page)
    page.click("#strip button:has-text('Try many colours')")
    page.click("#try")
    page.wait_for_selector("#gallery img")
    hinted(page, "Click a preview")
    shot(page, "6-palette-desktop")
    assert page.locator("#gallery img").count() == 8
    page.locator("#gallery img").nth(3).click()
    page.wait_for_selector("#result .of:has-text('#2f4858')")


def test_on_a_phone_nothing_is_wider_than_its_screen(chromium, url):
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{url}/ui/")
    page.wait_for_selector("#sample")
    shot(page, "1-start-phone")
    open_sample(page)
    click_wall(page)
    shot(page, "3-wall-phone")
    paint(page)
    shot(page, "4-painted-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert re.search(r"ΔE \d\.\d\d", page.inner_text("#result"))
    context.close()
